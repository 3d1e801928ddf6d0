import { valueBytes } from "@flux-ts/client/kvs";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { flag, int } from "../../option.ts";
import { entriesOf, formatOptions, linesOf } from "./eventlog-options.ts";
import { kvsOf, namespaceOption } from "./options.ts";

export default command({
  name: "get",
  summary: "Get eventlog",
  dialect: "A",
  usage: "[-N ns] [-u] [-W] [-w] [-c COUNT] [-H] [-S]  [-L auto|always|never] key",
  args: { key: "KEY" },
  options: {
    namespace: namespaceOption,
    waitcreate: flag("-W, --waitcreate", "Wait for creation to occur on watch"),
    watch: flag("-w, --watch", "Monitor eventlog"),
    count: int("-c, --count=COUNT", "Display at most COUNT events", { initial: 0 }),
    ...formatOptions,
    stream: flag("-S, --stream", "Return potentially large values in multiple responses."),
  },
  async run(context) {
    const { args, options, out, flux, env } = context;
    const { watch, stream, waitcreate, count } = options;
    const lines = linesOf(options, context);
    const kvs = kvsOf(await flux(), options.namespace, env);
    const failed = failedToErrno("flux_kvs_lookup_get");
    let left = watch && count > 0 ? count : Number.POSITIVE_INFINITY;
    const show = (bytes: Uint8Array): void => {
      for (const entry of entriesOf(bytes)) if (left-- > 0) out.line(lines.format(entry));
    };
    if (watch && stream) failedToErrno("flux_kvs_lookup")(new FluxError("EINVAL"));
    if (!watch && !stream) {
      show(await kvs.get(args.key, { waitcreate }).catch(failed));
      return;
    }
    try {
      for await (const value of kvs.watch(args.key, { append: watch, stream, waitcreate })) {
        if (value) show(valueBytes(value));
        if (left <= 0) return;
      }
    } catch (error) {
      failed(error);
    }
  },
});
