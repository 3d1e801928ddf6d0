import { FluxError } from "@flux-ts/protocol/rpc/error";

/**
 * Counts what a query compares, so that one of many conditions over many jobs cannot keep the
 * service from all others (RFC 43).
 */
export class Comparisons {
  readonly #limit: number;
  #count = 0;

  /** 0 is no limit. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** EINVAL if these are too many. */
  add(count = 1): void {
    this.#count += count;
    if (this.#limit === 0 || this.#count <= this.#limit) return;
    const text = "Excessive comparisons made, limit search via states or since";
    throw new FluxError("EINVAL", text);
  }
}
