import { parseEventlog } from "@flux-ts/protocol/job/eventlog";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { jobInfo } from "@flux-ts/protocol/services/job-info";
import { command } from "../../command.ts";
import { jobIdArgument } from "../../job-text.ts";
import { flag } from "../../option.ts";
import { wantsColor } from "../../output/color.ts";
import { EventlogLines, eventlogStyle } from "../../output/eventlog-lines.ts";
import { CommandError } from "../../usage-error.ts";
import { eventlogOptions, eventlogPath, pathOption } from "./eventlog-options.ts";
import { watchEvents } from "./watch-events.ts";

export default command({
  name: "eventlog",
  summary: "Display eventlog for a job",
  dialect: "A",
  usage: "[OPTIONS] id",
  args: { id: "ID" },
  options: {
    ...eventlogOptions,
    follow: flag("-F, --follow", "Follow events until job is inactive."),
    path: pathOption,
  },
  async run({ args, options, flux, out, env }) {
    const style = eventlogStyle(options, wantsColor(options.color, out, env, "help"));
    const lines = new EventlogLines(style);
    if (options.follow) {
      await watchEvents(flux, out, lines, {
        job: args.id,
        event: "clean",
        path: options.path,
        matchContext: undefined,
        count: 1,
        timeoutSeconds: undefined,
        waitCreate: true,
        verbose: true,
        quiet: false,
      });
      return;
    }
    const handle = await flux();
    const id = jobIdArgument(args.id);
    const path = eventlogPath(options.path);
    const found = await handle
      .call(jobInfo.lookup, { id, keys: [path], flags: 0 })
      .catch((error: unknown) => {
        if (!isErrno(error, "ENOENT")) throw error;
        const what = path === "eventlog" ? `job ${args.id}` : `eventlog path ${path}`;
        throw new CommandError(`${what} not found`);
      });
    for (const entry of parseEventlog(String(found[path] ?? ""))) out.line(lines.format(entry));
  },
});
