import { KvsNamespaces } from "@flux-ts/client/kvs";
import { command, group } from "../../command.ts";
import { failedTo, failedToErrno } from "../../errors.ts";
import { text } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";

const create = command({
  name: "create",
  summary: "Create a KVS namespace",
  dialect: "A",
  usage: "[-o owner] [-r rootref] name [name...]",
  args: { names: "NAME..." },
  options: {
    owner: text("-o, --owner=", "Specify alternate namespace owner via userid"),
    rootref: text("-r, --rootref=", "Initialize namespace with specific root reference"),
  },
  async run({ args, options, flux }) {
    const owner = options.owner === undefined ? -1 : Number(options.owner);
    if (Number.isNaN(owner)) {
      throw new CommandError("--owner requires an unsigned integer argument");
    }
    const { rootref } = options;
    const namespaces = new KvsNamespaces(await flux());
    for (const name of args.names) {
      await namespaces
        .create(name, { owner, ...(rootref !== undefined && { rootref }) })
        .catch(failedTo(name));
    }
  },
});

const remove = command({
  name: "remove",
  summary: "Remove a KVS namespace",
  dialect: "A",
  usage: "name [name...]",
  args: { names: "NAME..." },
  async run({ args, flux }) {
    const namespaces = new KvsNamespaces(await flux());
    for (const name of args.names) await namespaces.remove(name).catch(failedToErrno(name));
  },
});

const list = command({
  name: "list",
  summary: "List namespaces on local rank",
  dialect: "A",
  usage: "",
  async run({ flux, out }) {
    const namespaces = new KvsNamespaces(await flux());
    const all = await namespaces.list().catch(failedToErrno("flux_rpc_get_unpack"));
    out.line("NAMESPACE                                 OWNER      FLAGS");
    for (const { namespace, owner, flags } of all) {
      const uid = String(owner >>> 0).padStart(10);
      const bits = (flags >>> 0).toString(16).toUpperCase().padStart(8, "0");
      out.line(`${namespace.padEnd(36)} ${uid} 0x${bits}`);
    }
  },
});

export default group({
  name: "namespace",
  summary: "Perform KVS namespace operations",
  dialect: "A",
  listing: "usages",
  summaryInUsage: true,
  commands: { create, remove, list },
});
