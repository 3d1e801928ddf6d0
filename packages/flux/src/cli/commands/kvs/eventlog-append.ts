import { KvsTxn } from "@flux-ts/client/kvs-txn";
import { encodeEntry } from "@flux-ts/protocol/job/eventlog";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { value } from "../../option.ts";
import { UsageError } from "../../usage-error.ts";
import { kvsOf, namespaceOption } from "./options.ts";

export default command({
  name: "append",
  summary: "Append to eventlog",
  dialect: "A",
  usage: "[-N ns] [-t SECONDS] key name [context ...]",
  args: { key: "KEY", name: "NAME", context: "[CONTEXT...]" },
  options: {
    namespace: namespaceOption,
    timestamp: value(
      "-t, --timestamp=SECONDS",
      "Specify timestamp in seconds since epoch",
      secondsOf,
      { initial: 0 },
    ),
  },
  async run({ args, options, flux, env }) {
    const kvs = kvsOf(await flux(), options.namespace, env);
    const timestamp = options.timestamp === 0 ? Date.now() / 1000 : options.timestamp;
    let line: string;
    try {
      const context = args.context.length > 0 ? contextOf(args.context.join(" ")) : undefined;
      line = encodeEntry({ timestamp, name: args.name, ...(context && { context }) });
    } catch (error) {
      return failedToErrno("eventlog_entry_create")(error);
    }
    const txn = new KvsTxn().append(args.key, line);
    await kvs.commit(txn).catch(failedToErrno("flux_kvs_commit"));
  },
});

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (text.trim() === "" || Number.isNaN(seconds)) {
    throw new UsageError("Option 'timestamp' requires a floating point argument");
  }
  return seconds;
}

function contextOf(text: string): JsonObject {
  try {
    const context = parseJson(text);
    if (isJsonObject(context)) return context;
  } catch (cause) {
    throw new FluxError("EINVAL", "context is not JSON", { cause });
  }
  throw new FluxError("EINVAL", "context is not a JSON object");
}
