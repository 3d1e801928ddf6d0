import { statusNote } from "@flux-ts/protocol/job/wait-status";
import { Idset } from "@flux-ts/protocol/text/idset";

/** What is said at the end about processes that failed: one line for each way, with the ranks. */
export class ExitNotes {
  readonly #ranks = new Map<string, Idset>();

  /** `status`: as wait(2) reports it. */
  add(rank: number, status: number): void {
    const note = statusNote(status);
    const ranks = this.#ranks.get(note);
    if (ranks) ranks.add(rank);
    else this.#ranks.set(note, Idset.of(rank));
  }

  /** `[0-1]: Exit 1`. */
  get lines(): string[] {
    return [...this.#ranks]
      .sort(([, a], [, b]) => (a.first() ?? 0) - (b.first() ?? 0))
      .map(([note, ranks]) => `${ranks.encode({ brackets: true })}: ${note}`);
  }
}
