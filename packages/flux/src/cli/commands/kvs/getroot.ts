import { snapshot } from "@flux-ts/client/kvs";
import { encodeTreeObject } from "@flux-ts/protocol/kvs/treeobj";
import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { flag } from "../../option.ts";
import { kvsOf, namespaceOption } from "./options.ts";

export default command({
  name: "getroot",
  summary: "Get KVS root treeobj",
  dialect: "A",
  usage: "[-N ns] [-s|-o|-b]",
  options: {
    namespace: namespaceOption,
    sequence: flag("-s, --sequence", "Show sequence number"),
    owner: flag("-o, --owner", "Show owner"),
    blobref: flag("-b, --blobref", "Show blobref"),
  },
  async run({ options, flux, out, env }) {
    const kvs = kvsOf(await flux(), options.namespace, env);
    const part = options.owner
      ? "owner"
      : options.sequence
        ? "sequence"
        : options.blobref
          ? "blobref"
          : "treeobj";
    const root = await kvs.getroot().catch(failedToErrno(`flux_kvs_getroot_get_${part}`));
    const shown = {
      // An unsigned number, whatever the wire makes of it.
      owner: () => String(root.owner >>> 0),
      sequence: () => String(root.rootseq),
      blobref: () => root.rootref,
      treeobj: () => encodeTreeObject(snapshot(root)),
    };
    out.line(shown[part]());
  },
});
