interface Deadline {
  readonly at: number;
  readonly run: () => void;
}

/** Things to do at a time, in seconds since the epoch. */
export class Deadlines {
  /** By time, the latest first, so that due ones are taken from the end. */
  readonly #deadlines: Deadline[] = [];

  /** Plan `run` for a time; returns what cancels it. */
  add(at: number, run: () => void): () => void {
    const deadline = { at, run };
    let low = 0;
    let high = this.#deadlines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#deadlines[middle]!.at > at) low = middle + 1;
      else high = middle;
    }
    this.#deadlines.splice(low, 0, deadline);
    return () => {
      const index = this.#deadlines.indexOf(deadline);
      if (index >= 0) this.#deadlines.splice(index, 1);
    };
  }

  /** When the next one is due. */
  get next(): number | undefined {
    return this.#deadlines.at(-1)?.at;
  }

  /** Take what is due. */
  take(now: number): (() => void)[] {
    const due: (() => void)[] = [];
    for (let last = this.#deadlines.at(-1); last && last.at <= now; last = this.#deadlines.at(-1)) {
      due.push(last.run);
      this.#deadlines.pop();
    }
    return due;
  }
}
