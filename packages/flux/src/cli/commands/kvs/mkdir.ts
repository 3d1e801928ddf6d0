import { KvsTxn } from "@flux-ts/client/kvs-txn";
import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { failureOf, kvsOf, namespaceOption, printRoot, rootOptions } from "./options.ts";

export default command({
  name: "mkdir",
  summary: "Create a directory",
  dialect: "A",
  usage: "[-N ns] [-O|-b|-s] key [key...]",
  args: { keys: "KEY..." },
  options: { namespace: namespaceOption, ...rootOptions("new directory") },
  async run({ args, options, flux, out, env }) {
    const kvs = kvsOf(await flux(), options.namespace, env);
    const txn = new KvsTxn();
    for (const key of args.keys) txn.mkdir(key);
    const version = await kvs.commit(txn).catch(failedToErrno(failureOf(options)));
    printRoot(out, version, options);
  },
});
