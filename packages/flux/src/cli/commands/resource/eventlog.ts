import { resourceJournal } from "@flux-ts/client/resource";
import { parseDuration } from "@flux-ts/protocol/text/duration";
import { command } from "../../command.ts";
import { flag, list, type Option, text, value } from "../../option.ts";
import { wantsColor } from "../../output/color.ts";
import { EventlogLines, eventlogStyle } from "../../output/eventlog-lines.ts";
import { CommandError, UsageError } from "../../usage-error.ts";
import { ContextMatch } from "./context-match.ts";
import { EventTargets } from "./event-targets.ts";
import { colorHelp } from "./filter-options.ts";

export default command({
  name: "eventlog",
  summary: "show the resource eventlog",
  dialect: "B",
  usage: [
    "[-h] [-f FORMAT] [-T FORMAT] [-H] [-L [WHEN]]",
    "                              [-F] [-t TIME] [-w EVENT] [-m KEY=VAL]",
    "                              [-i TARGETS]",
  ].join("\n"),
  options: {
    format: oneOf("-f, --format=FORMAT", "Specify output format: text, json", ["text", "json"]),
    timeFormat: oneOf("-T, --time-format=FORMAT", "Specify time format: raw, iso, offset, human", [
      "raw",
      "iso",
      "offset",
      "human",
      "reltime",
    ]),
    human: flag("-H, --human", "Display human-readable output."),
    color: text("-L, --color[=WHEN]", colorHelp, { implied: "always" }),
    follow: flag("-F, --follow", "Display new events as they are posted"),
    timeout: text("-t, --timeout=TIME", "With --follow or --wait, timeout after TIME has elapsed"),
    wait: text("-w, --wait=EVENT", "Display events until EVENT is posted"),
    matchContext: list(
      "-m, --match-context=KEY=VAL",
      "With --wait, match KEY=VAL in context of EVENT",
    ),
    include: text(
      "-i, --include=TARGETS",
      "Only display events that include TARGETS (hosts or ranks)",
    ),
  },
  async run({ options, flux, out, env }) {
    const { wait, include } = options;
    const context = new ContextMatch(options.matchContext);
    const color = wantsColor(options.color, out, env, "usage");
    const lines = new EventlogLines({ ...eventlogStyle(options, color), likePython: true });
    const handle = await flux();
    const targets =
      include === undefined ? undefined : new EventTargets(include, await handle.attr("hostlist"));
    const isFollowing = options.follow || wait !== undefined;
    const timer = startTimer(options.timeout, () => handle.close());
    try {
      for await (const event of resourceJournal(handle)) {
        if (!event && isFollowing) continue;
        if (!event) return;
        const { entry } = event;
        if (targets && !targets.matches(entry)) continue;
        out.line(lines.format(entry));
        if (entry.name === wait && context.matches(entry.context ?? {})) return;
      }
    } catch (error) {
      if (timer.isOver) throw new CommandError("ETIMEDOUT: Connection timed out");
      throw error;
    } finally {
      timer.stop();
    }
  },
});

function oneOf(spec: string, help: string, choices: readonly string[]): Option<string> {
  const [initial = ""] = choices;
  const parse = (given: string): string => {
    if (choices.includes(given)) return given;
    const listed = choices.map((choice) => `'${choice}'`).join(", ");
    throw new UsageError(`invalid choice: '${given}' (choose from ${listed})`);
  };
  return value(spec, help, parse, { initial });
}

/** Ends the connection when the time is over. */
function startTimer(duration: string | undefined, end: () => void) {
  const timer = { isOver: false, stop: (): void => {} };
  if (duration === undefined) return timer;
  const seconds = parseDuration(duration);
  if (seconds === Infinity) return timer;
  const running = setTimeout(() => {
    timer.isOver = true;
    end();
  }, seconds * 1000);
  return Object.assign(timer, { stop: () => clearTimeout(running) });
}
