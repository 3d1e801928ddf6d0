/** Mean, spread and extremes of numbers seen one by one (Welford), for `stats-get` responses. */
export class RunningStats {
  count = 0;
  min = 0;
  max = 0;
  mean = 0;
  #squares = 0;

  push(value: number): void {
    this.count++;
    this.min = this.count === 1 ? value : Math.min(this.min, value);
    this.max = this.count === 1 ? value : Math.max(this.max, value);
    const delta = value - this.mean;
    this.mean += delta / this.count;
    this.#squares += delta * (value - this.mean);
  }

  /** Standard deviation of a sample. */
  get stddev(): number {
    return this.count > 1 ? Math.sqrt(this.#squares / (this.count - 1)) : 0;
  }

  clear(): void {
    this.count = this.min = this.max = this.mean = this.#squares = 0;
  }

  toJson(): { count: number; min: number; max: number; mean: number; stddev: number } {
    const { count, min, max, mean, stddev } = this;
    return { count, min, max, mean, stddev };
  }
}
