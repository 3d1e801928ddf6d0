import { valueBytes } from "@flux-ts/client/kvs";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { parseDuration } from "@flux-ts/protocol/text/duration";
import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { flag, value } from "../../option.ts";
import { CommandError, UsageError } from "../../usage-error.ts";
import { entriesOf, formatOptions, linesOf } from "./eventlog-options.ts";
import { kvsOf, namespaceOption } from "./options.ts";

export default command({
  name: "wait-event",
  summary: "Wait for an event",
  dialect: "A",
  usage: "[-N ns] [-t seconds] [-u] [-W] [-q] [-v] [-L auto|always|never] key event",
  args: { key: "KEY", event: "EVENT" },
  options: {
    namespace: namespaceOption,
    waitcreate: flag("-W, --waitcreate", "Wait for creation to occur on eventlog"),
    timeout: value("-t, --timeout=DURATION", "timeout after DURATION", durationOf),
    unformatted: formatOptions.unformatted,
    quiet: flag("-q, --quiet", "Do not output matched event"),
    verbose: flag("-v, --verbose", "Output all events before matched event"),
    human: formatOptions.human,
    color: formatOptions.color,
  },
  async run(context) {
    const { args, options, out, flux, env } = context;
    const { key, event } = args;
    const lines = linesOf(options, context);
    const kvs = kvsOf(await flux(), options.namespace, env);
    const { waitcreate, timeout } = options;
    const watching = kvs.watch(key, { append: true, waitcreate });
    const find = async (): Promise<boolean> => {
      for await (const piece of watching) {
        for (const entry of piece ? entriesOf(valueBytes(piece)) : []) {
          lines.skip(entry);
          const isIt = entry.name === event;
          if (isIt ? !options.quiet : options.verbose) out.line(lines.format(entry));
          if (isIt) return true;
        }
      }
      return false;
    };
    try {
      if (!(await within(timeout, find()))) {
        throw new CommandError(`event '${event}' never received`);
      }
    } catch (error) {
      if (isErrno(error, "ENOENT")) throw new CommandError(`eventlog path ${key} not found`);
      if (isErrno(error, "ETIMEDOUT")) {
        throw new CommandError(`wait-event timeout on event '${event}'`);
      }
      failedToErrno("flux_kvs_lookup_get")(error);
    }
  },
});

/** The result, or ETIMEDOUT if it takes longer. */
function within<T>(seconds: number | undefined, result: Promise<T>): Promise<T> {
  if (seconds === undefined || !Number.isFinite(seconds)) return result;
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new FluxError("ETIMEDOUT")), seconds * 1000);
    result.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function durationOf(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    throw new UsageError(`Invalid argument for option 'timeout': '${text}'`);
  }
}
