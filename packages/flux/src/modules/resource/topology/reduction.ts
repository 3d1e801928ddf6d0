import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { isErrno } from "@flux-ts/protocol/rpc/error";

/** Resources of a broker and all below it, gathered until the last of them has reported. */
export class Reduction {
  readonly #descendants: number;
  readonly #set: ResourceSet;
  #count = 1;

  constructor(own: ResourceSet, descendants: number) {
    this.#set = own.clone();
    this.#descendants = descendants;
  }

  /** Ranks represented so far. */
  get count(): number {
    return this.#count;
  }

  get resources(): ResourceSet {
    return this.#set;
  }

  get isComplete(): boolean {
    return this.#count === this.#descendants + 1;
  }

  /** `count` ranks below reported. True if they were the last that were missing. */
  onReport(count: number, resources: ResourceSet): boolean {
    try {
      this.#set.append(resources);
    } catch (error) {
      // A child whose module was reloaded reports again.
      if (isErrno(error, "EEXIST")) return false;
      throw error;
    }
    this.#count += count;
    return this.isComplete;
  }
}
