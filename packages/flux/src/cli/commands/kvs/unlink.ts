import type { Kvs } from "@flux-ts/client/kvs";
import { KvsTxn } from "@flux-ts/client/kvs-txn";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { flag } from "../../option.ts";
import { failureOf, kvsOf, namespaceOption, printRoot, rootOptions } from "./options.ts";

export default command({
  name: "unlink",
  summary: "Remove key",
  dialect: "A",
  usage: "[-N ns] [-O|-b|-s] [-R] [-f] key [key...]",
  args: { keys: "KEY..." },
  options: {
    namespace: namespaceOption,
    ...rootOptions("unlinks"),
    recursive: flag("-R, --recursive", "Remove directory contents recursively"),
    force: flag("-f, --force", "ignore nonexistent files"),
  },
  async run({ args, options, flux, out, env }) {
    const kvs = kvsOf(await flux(), options.namespace, env);
    const txn = new KvsTxn();
    for (const key of args.keys) {
      const found = await isUnlinkable(kvs, key, options).catch(
        failedToErrno(`cannot unlink '${key}'`),
      );
      if (found) txn.unlink(key);
    }
    const version = await kvs.commit(txn).catch(failedToErrno(failureOf(options)));
    printRoot(out, version, options);
  },
});

/** False: it is not there, and that is fine. Throws ENOTEMPTY for a directory that is in use. */
async function isUnlinkable(
  kvs: Kvs,
  key: string,
  { recursive, force }: { recursive: boolean; force: boolean },
): Promise<boolean> {
  try {
    const { type } = await kvs.treeObject(key);
    const isDirectory = type === "dir" || type === "dirref";
    if (recursive || !isDirectory) return true;
  } catch (error) {
    if (force && isErrno(error, "ENOENT")) return false;
    throw error;
  }
  if (Object.keys(await kvs.dir(key)).length > 0) throw new FluxError("ENOTEMPTY");
  return true;
}
