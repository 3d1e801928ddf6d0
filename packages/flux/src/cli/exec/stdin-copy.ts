import type { Input } from "../output/output.ts";
import type { RemoteProcess } from "./remote-process.ts";

/** Copies standard input to processes, no faster than the slowest has room for it. */
export class StdinCopy {
  readonly #input: Input;
  readonly #processes: readonly RemoteProcess[];
  readonly #flowControl: boolean;
  #following: { stop(): void } | undefined;
  /** Read, but not sent for want of room. */
  #pending: Uint8Array = new Uint8Array();
  #isOver = false;

  constructor(input: Input, processes: readonly RemoteProcess[], flowControl: boolean) {
    this.#input = input;
    this.#processes = processes;
    this.#flowControl = flowControl;
  }

  /** Go on, if there is room. */
  resume(): void {
    if (this.#isOver) return;
    this.#send();
    if (this.#room() > 0) {
      this.#following ??= this.#input.follow((chunk) => this.#onChunk(chunk));
    }
  }

  stop(): void {
    this.#isOver = true;
    this.#pause();
  }

  #onChunk(chunk: Uint8Array | undefined): void {
    if (chunk) {
      this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
      this.#send();
      if (this.#room() === 0) this.#pause();
      return;
    }
    for (const process of this.#processes) if (process.isActive) process.write(undefined);
    this.stop();
  }

  #send(): void {
    const size = Math.min(this.#pending.length, this.#room());
    if (size === 0) return;
    const data = this.#pending.subarray(0, size);
    this.#pending = this.#pending.subarray(size);
    for (const process of this.#processes) if (process.isActive) process.write(data);
  }

  /** Bytes that all processes can take. */
  #room(): number {
    const active = this.#processes.filter((process) => process.isActive);
    if (active.length === 0) return 0;
    if (!this.#flowControl) return Number.POSITIVE_INFINITY;
    return Math.max(0, Math.min(...active.map(({ credits }) => credits)));
  }

  #pause(): void {
    this.#following?.stop();
    this.#following = undefined;
  }
}
