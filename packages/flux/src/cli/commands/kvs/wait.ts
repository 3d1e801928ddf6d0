import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { CommandError, UsageError } from "../../usage-error.ts";
import { kvsOf, namespaceOption } from "./options.ts";

export default command({
  name: "wait",
  summary: "Block until the KVS reaches version",
  dialect: "A",
  usage: "[-N ns] version",
  args: { versions: "[VERSION...]" },
  options: { namespace: namespaceOption },
  async run({ args, options, flux, env }) {
    const [version, ...rest] = args.versions;
    if (version === undefined) throw new UsageError("", "help");
    if (rest.length > 0) throw new CommandError("wait: specify a version");
    const kvs = kvsOf(await flux(), options.namespace, env);
    const rootseq = Number.parseInt(version, 10) || 0;
    await kvs.waitVersion(rootseq).catch(failedToErrno("flux_kvs_wait_version"));
  },
});
