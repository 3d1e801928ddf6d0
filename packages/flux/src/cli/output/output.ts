/** Somewhere to print to. */
export interface Output {
  /** Text as it is. */
  write(data: string | Uint8Array): void;
  /** Text and a newline. */
  line(text: string): void;
  /** A value as one line of compact JSON; 63-bit integers stay integers. */
  json(value: unknown): void;
  readonly isTerminal: boolean;
  /** Width of the terminal (COLUMNS, else what the terminal says, else 80). */
  readonly columns: number;
  /** Height of the terminal, 24 if it is none. */
  readonly rows: number;
}

/** What is read from standard input. */
export interface Input {
  readonly isTerminal: boolean;
  /** Hand every key to the program, unechoed; returns what undoes it. Nothing if it is no terminal. */
  setRaw(): () => void;
  /** Everything until the end, as text or bytes. */
  text(): Promise<string>;
  bytes(): Promise<Uint8Array>;
  /** Lines without their newline, as they arrive. */
  lines(): AsyncIterable<string>;
  /** Chunks as they arrive, until `stop` is called or the input ends (`undefined`). */
  follow(handler: (chunk: Uint8Array | undefined) => void): { stop(): void };
}
