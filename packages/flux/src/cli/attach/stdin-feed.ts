import type { Flux } from "@flux-ts/client/handle";
import { encodeIo } from "@flux-ts/protocol/job/output";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { shellAt } from "@flux-ts/protocol/services/shell";
import type { Input } from "../output/output.ts";

export interface StdinTarget {
  /** Service of the job's shells. */
  readonly service: string;
  /** Broker rank of the leader. */
  readonly leaderRank: number;
}

export interface StdinOptions {
  readonly ranks: string;
  /** Send what comes at once; else whole lines from a terminal, and large pieces from elsewhere. */
  readonly unbuffered: boolean;
  /** The job does not take input that was there. */
  onRefused(error: unknown): void;
}

/** Input kept back until there is this much, when it does not come from a terminal. */
const fullBytes = 1 << 17;
/** Largest piece sent at once. */
const maxPieceBytes = 1 << 20;

/** Sends standard input to a job (RFC 24). */
export class StdinFeed {
  readonly #flux: Flux;
  readonly #target: StdinTarget;
  readonly #options: StdinOptions;
  #buffer: Uint8Array[] = [];
  #bufferedBytes = 0;
  #hasSentData = false;
  /** Idset of the tasks that get input, or `all`. */
  ranks: string;
  #following: { stop(): void } | undefined;

  constructor(flux: Flux, target: StdinTarget, options: StdinOptions) {
    this.#flux = flux;
    this.#target = target;
    this.#options = options;
    this.ranks = options.ranks;
  }

  start(input: Input): void {
    if (this.#following) return;
    const isTerminal = input.isTerminal;
    this.#following = input.follow((chunk) => {
      if (!chunk) {
        this.#flush();
        this.close(this.ranks);
        this.stop();
        return;
      }
      this.#buffer.push(chunk);
      this.#bufferedBytes += chunk.length;
      const isReady = this.#options.unbuffered || isTerminal || this.#bufferedBytes >= fullBytes;
      if (isReady) this.#flush();
    });
  }

  stop(): void {
    this.#following?.stop();
    this.#following = undefined;
  }

  /** Tell these tasks that no input will come. */
  close(ranks: string): void {
    this.#send(encodeIo({ stream: "stdin", rank: ranks, eof: true }), false);
  }

  #flush(): void {
    if (this.#bufferedBytes === 0) return;
    const all = Buffer.concat(this.#buffer);
    this.#buffer = [];
    this.#bufferedBytes = 0;
    const rank = this.ranks;
    for (let at = 0; at < all.length; at += maxPieceBytes) {
      const data = all.subarray(at, at + maxPieceBytes);
      this.#send(encodeIo({ stream: "stdin", rank, data }), true);
    }
  }

  #send(io: ReturnType<typeof encodeIo>, isData: boolean): void {
    const { service, leaderRank } = this.#target;
    this.#hasSentData ||= isData;
    const { stdin } = shellAt(service);
    this.#flux.call(stdin, io, { nodeid: leaderRank }).catch((error: unknown) => {
      // The job has ended, reads from a file, or its input was closed: only lost input matters.
      if (isErrno(error, "ENOSYS") && !this.#hasSentData) return;
      if (isErrno(error, "ECONNRESET")) return;
      this.#options.onRefused(error);
    });
  }
}
