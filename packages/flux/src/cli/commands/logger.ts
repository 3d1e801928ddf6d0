import { log } from "@flux-ts/protocol/services/log";
import { formatLogLine, logTime, severityNames } from "../../plugins/log-line.ts";
import type { Severity } from "../../plugins/module.ts";
import { command } from "../command.ts";
import { text } from "../option.ts";
import { CommandError } from "../usage-error.ts";

export default command({
  name: "logger",
  summary: "create a log entry",
  dialect: "A",
  usage: "[--severity LEVEL] [--appname NAME] message ...",
  usageOnly: true,
  args: { message: "[MESSAGE...]" },
  options: {
    severity: text("-s, --severity=LEVEL", "Specify message severity", { initial: "notice" }),
    appname: text("-n, --appname=NAME", "Specify a message appname", { initial: "logger" }),
  },
  async run({ args, options, flux, stdin }) {
    const severity = severityNames.indexOf(options.severity as (typeof severityNames)[number]);
    if (severity < 0) {
      throw new CommandError(`invalid severity: Use ${severityNames.join("|")}`);
    }
    const message = args.message.length > 0 ? args.message.join(" ") : await stdin.text();
    const handle = await flux();
    const rank = await handle.rank();
    const record = {
      severity: severity as Severity,
      time: logTime(Date.now() / 1000),
      hostname: String(rank),
      appname: options.appname,
      procid: "-",
    };
    for (const line of message.replace(/\n+$/, "").split("\n")) {
      handle.send(log.append, new TextEncoder().encode(formatLogLine({ ...record, text: line })));
    }
    // The broker takes messages in order: once this is answered, the log has the lines.
    await handle.attr("rank");
  },
});
