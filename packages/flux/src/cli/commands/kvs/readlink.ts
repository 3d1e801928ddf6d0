import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { flag } from "../../option.ts";
import { atOption, kvsOf, namespaceOption, snapshotOf } from "./options.ts";

export default command({
  name: "readlink",
  summary: "Retrieve the key a link refers to",
  dialect: "A",
  usage: "[-N ns] [-a treeobj] [ -o | -k ] key [key...]",
  args: { keys: "KEY..." },
  options: {
    namespace: namespaceOption,
    at: atOption,
    namespaceOnly: flag(
      "-o, --namespace-only",
      "Output only namespace if link points to a namespace",
    ),
    keyOnly: flag("-k, --key-only", "Output only key if link points to a namespace"),
  },
  async run({ args, options, flux, out, env }) {
    const kvs = kvsOf(await flux(), options.namespace, env);
    const readlink = async (key: string) => kvs.readlink(key, { at: snapshotOf(options.at) });
    for (const key of args.keys) {
      const { target, namespace } = await readlink(key).catch(failedToErrno(key));
      if (options.namespaceOnly && namespace !== undefined) out.line(namespace);
      else if (options.keyOnly || namespace === undefined) out.line(target);
      else out.line(`${namespace}::${target}`);
    }
  },
});
