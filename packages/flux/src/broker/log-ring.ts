/** The last lines of a broker's log, oldest first; what `flux dmesg` shows. */
export class LogRing {
  #lines: string[] = [];
  readonly #limit: number;
  /** Lines ever appended. */
  count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  append(line: string): void {
    this.count++;
    this.#lines.push(line);
    // Trim in strides: removing one line from the front of an array costs as much as removing many.
    if (this.#lines.length >= this.#limit * 2) this.#lines = this.lines;
  }

  clear(): void {
    this.#lines = [];
  }

  get lines(): string[] {
    return this.#limit === 0 ? [] : this.#lines.slice(-this.#limit);
  }

  get used(): number {
    return Math.min(this.#lines.length, this.#limit);
  }
}
