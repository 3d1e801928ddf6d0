/**
 * Strings that many jobs have in common, such as names and directories, each kept once. A string is
 * dropped when the last job that has it is.
 */
export class StringTable {
  readonly #refs = new Map<string, number>();
  /** By reference; 0 stands for no string. */
  readonly #strings: (string | undefined)[] = [undefined];
  readonly #users: number[] = [0];
  readonly #free: number[] = [];

  /** How many different strings there are. */
  get size(): number {
    return this.#refs.size;
  }

  /** A reference to the string, to be given back to `release`. */
  add(text: string | undefined): number {
    if (text === undefined) return 0;
    let ref = this.#refs.get(text);
    if (ref === undefined) {
      ref = this.#free.pop() ?? this.#strings.length;
      this.#refs.set(text, ref);
      this.#strings[ref] = text;
      this.#users[ref] = 0;
    }
    this.#users[ref]!++;
    return ref;
  }

  text(ref: number): string | undefined {
    return this.#strings[ref];
  }

  release(ref: number): void {
    const text = this.#strings[ref];
    if (text === undefined || --this.#users[ref]! > 0) return;
    this.#refs.delete(text);
    this.#strings[ref] = undefined;
    this.#free.push(ref);
  }
}
