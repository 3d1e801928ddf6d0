const newline = 10;

/**
 * Collects a stream until lines are complete, so that a line is not torn between messages. Complete
 * lines that come together stay together: one message for many lines.
 */
export class LineBuffer {
  readonly #limitBytes: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** A line longer than the limit is passed on in pieces. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Add what was read; returns the complete lines there are now, ready to be passed on, if any. */
  push(data: Uint8Array): Uint8Array | undefined {
    if (data.length === 0) return undefined;
    const end = data.lastIndexOf(newline) + 1;
    if (end === data.length) return this.#take(data);
    if (end > 0) {
      const lines = this.#take(data.subarray(0, end));
      this.#keep(data.subarray(end));
      return lines;
    }
    if (this.#bytes + data.length >= this.#limitBytes) return this.#take(data);
    this.#keep(data);
    return undefined;
  }

  /** The stream has ended: what is left of it, if anything. */
  end(): Uint8Array | undefined {
    return this.#bytes > 0 ? this.#take(new Uint8Array(0)) : undefined;
  }

  #keep(data: Uint8Array): void {
    this.#parts.push(data);
    this.#bytes += data.length;
  }

  /** Everything kept, followed by `data`. */
  #take(data: Uint8Array): Uint8Array {
    if (this.#bytes === 0) return data;
    const all = new Uint8Array(this.#bytes + data.length);
    let offset = 0;
    for (const part of [...this.#parts, data]) {
      all.set(part, offset);
      offset += part.length;
    }
    this.#parts = [];
    this.#bytes = 0;
    return all;
  }
}

/** The lines of a text without their ends. A last line without an end counts as one. */
export function splitLines(data: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < data.length; ) {
    const found = data.indexOf(newline, start);
    const end = found === -1 ? data.length : found;
    lines.push(data.subarray(start, end));
    start = end + 1;
  }
  return lines;
}
