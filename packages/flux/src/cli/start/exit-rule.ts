import { Idset } from "@flux-ts/protocol/text/idset";

/** `any`: every broker's exit counts; `leader`: only rank 0's. */
export type ExitMode = "any" | "leader";

/** How the brokers of a test instance end, and what that means for `flux start`. */
export class ExitRule {
  readonly #mode: ExitMode;
  readonly #size: number;
  readonly #running = new Set<number>();
  #hasLeaderExited = false;
  #status = 0;

  constructor(mode: ExitMode, size: number) {
    this.#mode = mode;
    this.#size = size;
  }

  /** Exit status of `flux start` so far: the highest of all brokers, or the leader's. */
  get status(): number {
    return this.#status;
  }

  get running(): Iterable<number> {
    return this.#running;
  }

  onStart(rank: number): void {
    this.#running.add(rank);
    if (rank === 0) this.#hasLeaderExited = false;
  }

  /** A broker has ended; `status` as a shell has it, 128+N for a signal. */
  onExit(rank: number, status: number): void {
    this.#running.delete(rank);
    if (rank === 0) this.#hasLeaderExited = true;
    if (this.#mode === "any") this.#status = Math.max(this.#status, status);
    else if (rank === 0) this.#status = status;
  }

  /** All have ended. */
  get isOver(): boolean {
    return this.#running.size === 0;
  }

  /** Some have ended and others not: these have to follow before the exit timeout. */
  get isWaiting(): boolean {
    const count = this.#running.size;
    if (count === 0) return false;
    return this.#mode === "leader" ? this.#hasLeaderExited : count < this.#size;
  }

  /** The ranks still running, for messages. */
  get remaining(): string {
    return Idset.from(this.#running).encode();
  }
}
