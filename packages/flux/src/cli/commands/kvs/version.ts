import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { kvsOf, namespaceOption } from "./options.ts";

export default command({
  name: "version",
  summary: "Display current KVS version",
  dialect: "A",
  usage: "[-N ns]",
  args: { free: "[ARGS...]" },
  options: { namespace: namespaceOption },
  async run({ options, flux, out, env }) {
    const kvs = kvsOf(await flux(), options.namespace, env);
    const { rootseq } = await kvs.getroot().catch(failedToErrno("flux_kvs_get_version"));
    out.line(String(rootseq));
  },
});
