import type { Asker } from "./effect.ts";
import type { Manager } from "./manager.ts";

/**
 * Requests that wait for the jobs to end: all active ones (drain) or all running ones (idle). They are
 * answered after the commit of what led there, because who waited may go on to read it in the KVS.
 */
export class Drain {
  readonly #manager: Manager;
  readonly #drains = new Set<Asker>();
  readonly #idles = new Set<Asker>();

  constructor(manager: Manager) {
    this.#manager = manager;
  }

  awaitDrain(asker: Asker): void {
    this.#drains.add(asker);
    this.check();
  }

  awaitIdle(asker: Asker): void {
    this.#idles.add(asker);
    this.check();
  }

  /** The number of jobs may have come down. */
  check(): void {
    if (this.#drains.size === 0 && this.#idles.size === 0) return;
    const { alloc, events, jobs } = this.#manager;
    if (jobs.active.size === 0) {
      for (const asker of this.#drains) events.answerWhenCommitted(asker);
      this.#drains.clear();
    }
    if (jobs.running === 0 && alloc.outstanding === 0) {
      const pending = jobs.active.size;
      for (const asker of this.#idles) events.answerWhenCommitted(asker, { pending });
      this.#idles.clear();
    }
  }

  disconnect(sender: string): void {
    for (const set of [this.#drains, this.#idles]) {
      for (const asker of set) if (asker.sender === sender) set.delete(asker);
    }
  }

  /** All that still wait: the module is being unloaded. */
  takeAll(): Asker[] {
    const all = [...this.#drains, ...this.#idles];
    this.#drains.clear();
    this.#idles.clear();
    return all;
  }
}
