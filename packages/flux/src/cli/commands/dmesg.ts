import { log } from "@flux-ts/protocol/services/log";
import { command } from "../command.ts";
import { failedTo } from "../errors.ts";
import { flag } from "../option.ts";
import { wantsColor } from "../output/color.ts";
import { colorOption } from "../output/color-option.ts";
import { LogLines } from "../output/log-lines.ts";
import { CommandError } from "../usage-error.ts";

export default command({
  name: "dmesg",
  summary: "Print or control log ring buffer",
  dialect: "A",
  builtin: true,
  usage: "[OPTIONS...]",
  args: { free: "[ARGS...]" },
  options: {
    clear: flag("-C, --clear", "Clear the ring buffer"),
    readClear: flag("-c, --read-clear", "Clear the ring buffer contents after printing"),
    follow: flag("-f, --follow", "Track new entries as are logged"),
    new: flag("-n, --new", "Show only new log messages"),
    human: flag("-H, --human", "Human readable output"),
    delta: flag("-d, --delta", "With --human, show timestamp delta between messages"),
    color: colorOption,
  },
  async run({ args, options, flux, out, env }) {
    const { human, delta } = options;
    if (args.free.length > 0) throw new CommandError("flux-dmesg accepts no free arguments");
    const lines = new LogLines({ color: wantsColor(options.color, out, env), human, delta });
    if (delta && !human) throw new CommandError("--delta can only be used with --human");
    const handle = await flux();
    if (!options.clear) {
      const request = { follow: options.follow, nobacklog: options.new };
      const records = handle.stream(log.dmesg, request, { cancel: log.cancel });
      try {
        for await (const record of records) out.line(lines.format(record));
      } catch (error) {
        failedTo("log.dmesg")(error);
      }
    }
    if (options.clear || options.readClear) {
      await handle.call(log.clear).catch(failedTo("log.clear"));
    }
  },
});
