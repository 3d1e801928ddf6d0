import { KvsTxn } from "@flux-ts/client/kvs-txn";
import { parseTreeObject, type TreeObject } from "@flux-ts/protocol/kvs/treeobj";
import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { flag } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";
import { failureOf, kvsOf, namespaceOption, printRoot, rootOptions } from "./options.ts";

export default command({
  name: "put",
  summary: "Store value under key",
  dialect: "A",
  usage: "[-N ns] [-O|-b|-s] [-r|-t] [-n] [-A] [-S] key=value [key=value...]",
  args: { pairs: "PAIR..." },
  options: {
    namespace: namespaceOption,
    ...rootOptions("puts"),
    raw: flag("-r, --raw", "Store value(s) as-is without adding NULL termination"),
    treeobj: flag("-t, --treeobj", "Store RFC 11 object"),
    noMerge: flag("-n, --no-merge", "Set the NO_MERGE flag to ensure commit is standalone"),
    append: flag("-A, --append", "Append value(s) to key instead of overwriting"),
    sync: flag("-S, --sync", "Flushes content and checkpoints after completing put"),
  },
  async run({ args, options, flux, out, env, stdin }) {
    const { noMerge, sync, treeobj, raw, append } = options;
    const kvs = kvsOf(await flux(), options.namespace, env);
    const txn = new KvsTxn();
    for (const pair of args.pairs) {
      const equals = pair.indexOf("=");
      if (equals < 0) throw new CommandError("put: you must specify a value as key=value");
      const key = pair.slice(0, equals);
      const text = pair.slice(equals + 1);
      try {
        const fromStdin = text === "-" && (raw || treeobj);
        const value = fromStdin ? await stdin.bytes() : text;
        if (treeobj) txn.putTreeObject(key, treeObjectOf(value));
        else if (append) txn.append(key, value);
        else txn.put(key, value);
      } catch (error) {
        failedToErrno(key)(error);
      }
    }
    const version = await kvs
      .commit(txn, { noMerge, sync })
      .catch(failedToErrno(failureOf(options)));
    printRoot(out, version, options);
  },
});

function treeObjectOf(value: string | Uint8Array): TreeObject {
  return parseTreeObject(typeof value === "string" ? value : Buffer.from(value).toString());
}
