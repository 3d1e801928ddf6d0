import { overlay } from "@flux-ts/protocol/services/overlay";
import { command } from "../../command.ts";
import { flag, int, list } from "../../option.ts";
import { wantsColor } from "../../output/color.ts";
import { colorOption } from "../../output/color-option.ts";
import { TraceLines, typeMaskOf } from "../../output/trace-lines.ts";
import { CommandError, UsageError } from "../../usage-error.ts";

/** All peers. */
const anyPeer = -1;

export default command({
  name: "trace",
  summary: "Trace messages received on overlay network",
  dialect: "A",
  builtin: true,
  usage: "[OPTIONS] [topic-glob]",
  args: { globs: "[GLOB...]" },
  options: {
    rank: int("-r, --rank=NODEID", "Filter output by peer rank", { initial: anyPeer }),
    full: flag("-f, --full", "Show JSON message payload, if any"),
    type: list(
      "-t, --type=TYPE,...",
      "Filter output by message type (request, response, event, control)",
      { separator: "," },
    ),
    color: colorOption,
    human: flag("-H, --human", "Human readable output"),
    delta: flag("-d, --delta", "With --human, show timestamp delta between messages"),
  },
  async run({ args, options, flux, out, env, system }) {
    const { human, delta, full, rank } = options;
    const [topic = "*", ...rest] = args.globs;
    if (rest.length > 0) throw new UsageError("", "help");
    if (delta && !human) throw new CommandError("--delta can only be used with --human");
    const lines = new TraceLines({ color: wantsColor(options.color, out, env), human });
    const typemask = typeMaskOf(options.type);
    if (typemask === undefined) {
      throw new CommandError("valid types: request, response, event, control");
    }
    const handle = await flux();
    const stop = new AbortController();
    system.onSignal(["SIGINT", "SIGTERM"], () => stop.abort());
    const request = { typemask, topic_glob: topic, nodeid: rank, full };
    for await (const message of handle.stream(overlay.trace, request, { signal: stop.signal })) {
      const peer = message.rank < 0 ? "*" : String(message.rank);
      // Which way comes before who it was.
      out.line(lines.format(message.prefix, { ...message, prefix: peer }));
    }
  },
});
