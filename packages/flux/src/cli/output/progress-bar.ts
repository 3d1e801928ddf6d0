import { lengthOf } from "./format-value.ts";
import type { Output } from "./output.ts";

const blocks = " ▏▎▍▌▋▊▉█";
const redrawMs = 250;

/** What the bar shows at a moment. */
export interface Progress {
  readonly before: string;
  readonly after: string;
  /** 0 to 1. */
  readonly fraction: number;
}

/** A bar on the last row of a terminal; other output scrolls above it. */
export class ProgressBar {
  readonly #out: Output;
  readonly #progress: () => Progress;
  #timer: NodeJS.Timeout | undefined;
  #size: { columns: number; rows: number } | undefined;

  constructor(out: Output, progress: () => Progress) {
    this.#out = out;
    this.#progress = progress;
  }

  start(): void {
    if (this.#timer) return;
    this.#timer = setInterval(() => this.redraw(), redrawMs);
    this.#timer.unref();
    this.redraw();
  }

  redraw(): void {
    if (!this.#timer) return;
    const size = { columns: this.#out.columns, rows: this.#out.rows };
    if (this.#size?.rows !== size.rows || this.#size.columns !== size.columns) {
      this.#size = size;
      this.#reserveLastRow(size.rows);
    }
    // Save the cursor, go to the last row, clear it, print without wrapping, go back.
    const line = barText(this.#progress(), size.columns);
    this.#out.write(`\x1b7\x1b[${size.rows};1H\x1b[2K\x1b[?7l\x1b[0m${line}\x1b[?7h\x1b8`);
  }

  /** Leave the terminal as it was, with the last state of the bar printed. */
  stop(): void {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    const rows = this.#size?.rows ?? this.#out.rows;
    const line = barText(this.#progress(), this.#out.columns);
    this.#out.write(`\x1b7\x1b[${rows};1H\x1b[K\x1b[r\x1b8${line}\n`);
  }

  #reserveLastRow(rows: number): void {
    this.#out.write(`\x1b7\x1b[r\x1b8\x1bD\x1bM\x1b7\x1b[1;${rows - 1}r\x1b8`);
  }
}

/** `before│████▌    │after`, as wide as the terminal. */
export function barText({ before, after, fraction }: Progress, columns: number): string {
  const length = Math.max(0, columns - lengthOf(before) - lengthOf(after) - 2);
  const eighths = Math.min(1, fraction) * length * (blocks.length - 1);
  const full = Math.floor(eighths / (blocks.length - 1));
  const part = Math.floor(eighths - full * (blocks.length - 1));
  const filled = "█".repeat(full) + (part > 0 ? blocks[part]! : "");
  return `${before}│${filled.padEnd(length)}│${after}`;
}

/** `0:01:05`. */
export function elapsedText(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
