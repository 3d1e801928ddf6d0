import type { Flux } from "@flux-ts/client/handle";
import { Kvs } from "@flux-ts/client/kvs";
import { KvsTxn } from "@flux-ts/client/kvs-txn";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { primaryNamespace } from "@flux-ts/protocol/services/kvs";

/** How long a write must be good for: `durable` survives the loss of all brokers at any moment. */
export type Durability = "volatile" | "durable";

/** The few keys of the KVS that the resource module keeps, as text. */
export class Store {
  readonly #kvs: Kvs;

  constructor(flux: Flux) {
    this.#kvs = new Kvs(flux, primaryNamespace);
  }

  /** Undefined if the key does not exist. */
  async get(key: string): Promise<string | undefined> {
    try {
      return await this.#kvs.getText(key);
    } catch (error) {
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    }
  }

  put(key: string, text: string, durability: Durability = "volatile"): Promise<void> {
    return this.#commit(new KvsTxn().put(key, text), durability);
  }

  append(key: string, text: string, durability: Durability = "volatile"): Promise<void> {
    return this.#commit(new KvsTxn().append(key, text), durability);
  }

  async #commit(txn: KvsTxn, durability: Durability): Promise<void> {
    try {
      await this.#kvs.commit(txn, { sync: durability === "durable" });
    } catch (error) {
      // An instance without a backing store lives in memory alone: it has nothing to sync to.
      if (durability === "volatile" || !isErrno(error, "ENOSYS")) throw error;
      await this.#kvs.commit(txn);
    }
  }
}
