import { command } from "../../command.ts";
import { durationOption } from "../../duration-option.ts";
import { flag, int, text } from "../../option.ts";
import { wantsColor } from "../../output/color.ts";
import { EventlogLines, eventlogStyle } from "../../output/eventlog-lines.ts";
import { eventlogOptions, pathOption } from "./eventlog-options.ts";
import { watchEvents } from "./watch-events.ts";

export default command({
  name: "wait-event",
  summary: "Wait for an event ",
  dialect: "A",
  usage: "[OPTIONS] id event",
  args: { id: "ID", event: "EVENT" },
  options: {
    ...eventlogOptions,
    timeout: durationOption("-t, --timeout=DURATION", "timeout after DURATION"),
    matchContext: text("-m, --match-context=KEY=VAL", "match key=val in context"),
    count: int("-c, --count=COUNT", "required number of matches (default 1)", { initial: 1 }),
    quiet: flag("-q, --quiet", "Do not output matched event"),
    verbose: flag("-v, --verbose", "Output all events before matched event"),
    path: pathOption,
    waitcreate: flag("-W, --waitcreate", "If path does not exist, wait for its creation"),
  },
  async run({ args, options, flux, out, env }) {
    const style = eventlogStyle(options, wantsColor(options.color, out, env, "help"));
    await watchEvents(flux, out, new EventlogLines(style), {
      job: args.id,
      event: args.event,
      path: options.path,
      matchContext: options.matchContext,
      count: options.count,
      timeoutSeconds: options.timeout,
      waitCreate: options.waitcreate,
      verbose: options.verbose,
      quiet: options.quiet,
    });
  },
});
