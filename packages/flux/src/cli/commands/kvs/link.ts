import { KvsTxn } from "@flux-ts/client/kvs-txn";
import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { text } from "../../option.ts";
import { CommandError, UsageError } from "../../usage-error.ts";
import { failureOf, kvsOf, printRoot, rootOptions } from "./options.ts";

export default command({
  name: "link",
  summary: "Create a new name for target",
  dialect: "A",
  usage: "[-N ns] [-T ns] [-O|-b|-s] target linkname",
  args: { names: "[NAME...]" },
  options: {
    namespace: text("-N, --namespace=", "Specify link's namespace."),
    targetNamespace: text("-T, --target-namespace=", "Specify target's namespace"),
    ...rootOptions("link"),
  },
  async run({ args, options, flux, out, env }) {
    const [target, name, ...rest] = args.names;
    if (target === undefined) throw new UsageError("", "help");
    if (name === undefined || rest.length > 0) {
      throw new CommandError("link: specify target and link_name");
    }
    const kvs = kvsOf(await flux(), options.namespace, env);
    const txn = new KvsTxn().symlink(name, target, options.targetNamespace);
    const version = await kvs.commit(txn).catch(failedToErrno(failureOf(options)));
    printRoot(out, version, options);
  },
});
