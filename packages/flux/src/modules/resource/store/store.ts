import type { Flux } from "@flux-ts/client/handle";
import { checkTreeObject, type TreeObject, val, valBytes } from "@flux-ts/protocol/kvs/treeobj";
import { decodeUtf8, encodeUtf8 } from "@flux-ts/protocol/message/text";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { CommitFlag, KvsFlag, kvs, primaryNamespace } from "@flux-ts/protocol/services/kvs";

/** How long a write must be good for: `durable` survives the end of the instance at any moment. */
export type Durability = "volatile" | "durable";

/** The few keys of the KVS that the resource module keeps, as text. */
export class Store {
  readonly #flux: Flux;

  constructor(flux: Flux) {
    this.#flux = flux;
  }

  /** Undefined if the key does not exist. */
  async get(key: string): Promise<string | undefined> {
    try {
      const request = { key, flags: 0, namespace: primaryNamespace };
      const object: TreeObject = checkTreeObject((await this.#flux.call(kvs.lookup, request)).val);
      if (object.type === "val") return decodeUtf8(valBytes(object));
      throw new FluxError("EPROTO", `${key}: not a value`);
    } catch (error) {
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    }
  }

  put(key: string, text: string, durability: Durability = "volatile"): Promise<void> {
    return this.#commit({ key, flags: 0, dirent: val(encodeUtf8(text)) }, durability);
  }

  append(key: string, text: string, durability: Durability = "volatile"): Promise<void> {
    return this.#commit({ key, flags: KvsFlag.Append, dirent: val(encodeUtf8(text)) }, durability);
  }

  async #commit(op: { key: string; flags: number; dirent: TreeObject }, durability: Durability) {
    const request = { namespace: primaryNamespace, ops: [op] };
    if (durability === "durable") {
      try {
        await this.#flux.call(kvs.commit, { ...request, flags: CommitFlag.Sync });
        return;
      } catch (error) {
        // An instance without a backing store lives in memory alone: it has nothing to sync to.
        if (!isErrno(error, "ENOSYS")) throw error;
      }
    }
    await this.#flux.call(kvs.commit, { ...request, flags: 0 });
  }
}
