import { module } from "@flux-ts/protocol/services/module";
import { command } from "../../command.ts";
import { flag, list, text } from "../../option.ts";
import { wantsColor } from "../../output/color.ts";
import { colorOption } from "../../output/color-option.ts";
import { type TracedMessage, TraceLines, typeMaskOf } from "../../output/trace-lines.ts";
import { CommandError } from "../../usage-error.ts";

export default command({
  name: "trace",
  summary: "Trace module messages",
  dialect: "A",
  usage: "[OPTIONS] [module module...]",
  args: { modules: "[MODULE...]" },
  options: {
    full: flag("-f, --full", "Show JSON message payload, if any"),
    topic: text("-T, --topic=GLOB", "Filter output by message topic glob", { initial: "*" }),
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
    const { human, delta, full, topic } = options;
    if (delta && !human) throw new CommandError("--delta can only be used with --human");
    const lines = new TraceLines({ color: wantsColor(options.color, out, env), human });
    const typemask = typeMaskOf(options.type);
    if (typemask === undefined) {
      throw new CommandError("valid types: request, response, event, control");
    }
    const names = [...args.modules];
    const handle = await flux();
    const stop = new AbortController();
    system.onSignal(["SIGINT", "SIGTERM"], () => stop.abort());
    const request = { names, typemask, topic_glob: topic, full };
    const width = Math.max(0, ...names.map((name) => name.length));
    for await (const traced of handle.stream(module.trace, request, { signal: stop.signal })) {
      const who = String(traced.name ?? "").padStart(width);
      out.line(lines.format(who, traced as unknown as TracedMessage));
    }
  },
});
