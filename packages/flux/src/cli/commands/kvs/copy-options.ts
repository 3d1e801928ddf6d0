import type { Flux } from "@flux-ts/client/handle";
import type { Kvs } from "@flux-ts/client/kvs";
import { KvsTxn } from "@flux-ts/client/kvs-txn";
import type { Environment } from "../../environment.ts";
import { text } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";
import { kvsOf } from "./options.ts";

/** Options of `copy` and `move`. */
export const copyOptions = {
  srcNamespace: text("-S, --src-namespace=", "Specify source key's namespace"),
  dstNamespace: text("-D, --dst-namespace=", "Specify destination key's namespace"),
};

export interface CopyPlan {
  readonly from: { readonly kvs: Kvs; readonly key: string };
  readonly to: { readonly kvs: Kvs; readonly key: string };
}

/** Source and destination of a copy. `name` is the command's. */
export async function copyPlan(
  name: string,
  keys: readonly string[],
  options: { srcNamespace: string | undefined; dstNamespace: string | undefined },
  env: Environment,
  flux: () => Promise<Flux>,
): Promise<CopyPlan> {
  const [source, destination, ...rest] = keys;
  if (source === undefined || destination === undefined || rest.length > 0) {
    throw new CommandError(`${name}: specify srckey dstkey`);
  }
  const handle = await flux();
  return {
    from: { kvs: kvsOf(handle, options.srcNamespace, env), key: source },
    to: { kvs: kvsOf(handle, options.dstNamespace, env), key: destination },
  };
}

/** Put what the source stands for at the destination: a directory is copied by reference. */
export async function copy({ from, to }: CopyPlan): Promise<void> {
  const object = await from.kvs.treeObject(from.key);
  await to.kvs.commit(new KvsTxn().putTreeObject(to.key, object));
}
