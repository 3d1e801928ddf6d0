/**
 * Gives out job ids (RFC 19) without asking anybody: ids of different generators differ in their
 * generator number, ids of one in timestamp or sequence number.
 */
import { FluxError } from "../rpc/error.ts";
import type { JobId } from "./fluid.ts";

/** Largest generator number; brokers with a higher rank forward their submissions upstream. */
export const MAX_GENERATOR = 2 ** 14 - 1;
const IDS_PER_MS = 1024;
const TIMESTAMP_LIMIT = 2 ** 40;

export interface FluidGeneratorOptions {
  /** Number of this generator among all in the instance: the rank of its broker. */
  generator: number;
  /** Milliseconds since the epoch of the instance; above the timestamps of all ids already given. */
  timestampMs: number;
}

/** Times passed in are milliseconds on any clock, best a monotonic one. */
export class FluidGenerator {
  readonly #generator: bigint;
  /** What to add to the clock to get the time since the epoch of the instance. */
  readonly #offsetMs: number;
  #timestampMs: number;
  #sequence = 0;

  /** @throws FluxError EINVAL when the generator number is out of range */
  constructor(options: FluidGeneratorOptions, nowMs: number) {
    const { generator, timestampMs } = options;
    if (!Number.isInteger(generator) || generator < 0 || generator > MAX_GENERATOR) {
      throw new FluxError(
        "EINVAL",
        `generator ${generator} is not in the range 0-${MAX_GENERATOR}`,
      );
    }
    this.#generator = BigInt(generator);
    this.#timestampMs = Math.ceil(timestampMs);
    this.#offsetMs = this.#timestampMs - nowMs;
  }

  /**
   * A new id. When the ids of a millisecond are used up, it comes from the following one: the
   * timestamp then runs ahead of the clock until the clock has caught up.
   * @throws FluxError EOVERFLOW 34 years after the epoch of the instance
   */
  generate(nowMs: number): JobId {
    this.#follow(nowMs);
    if (this.#sequence === IDS_PER_MS) {
      this.#timestampMs++;
      this.#sequence = 0;
    }
    if (this.#timestampMs >= TIMESTAMP_LIMIT) {
      throw new FluxError("EOVERFLOW", "no job ids are left: the instance is too old");
    }
    const timestamp = BigInt(this.#timestampMs) << 24n;
    return (timestamp | (this.#generator << 10n) | BigInt(this.#sequence++)) as JobId;
  }

  /** Milliseconds since the epoch of the instance, from which another generator can start. */
  timestampMs(nowMs: number): number {
    this.#follow(nowMs);
    return this.#timestampMs;
  }

  /** Time never goes back, or ids would repeat. */
  #follow(nowMs: number): void {
    const timestampMs = Math.floor(nowMs + this.#offsetMs);
    if (timestampMs <= this.#timestampMs) return;
    this.#timestampMs = timestampMs;
    this.#sequence = 0;
  }
}
