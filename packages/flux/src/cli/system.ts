/** The machine as a command sees it: processes, users, signals, directories. */
export interface System {
  readonly uid: number;
  readonly pid: number;
  cwd(): string;
  hostname(): string;
  /** Call `handler` at each of these signals instead of being ended by them; returns what undoes it. */
  onSignal(signals: readonly SignalName[], handler: (signal: SignalName) => void): () => void;
  /**
   * Run a program in the foreground: it shares stdin, stdout, stderr and the terminal, and signals
   * meant for us reach it. Resolves to its exit status, 128+N if a signal ended it. Throws FluxError
   * (ENOENT, EACCES) if it cannot be started.
   */
  run(argv: readonly string[], options?: RunOptions): Promise<number>;
  /**
   * Turn this process into another program of this installation: the file of a bundled one, with its
   * arguments. Comes back never.
   */
  become(program: string, args: readonly string[]): Promise<never>;
  /** Soft limit of open files before Node raised it, as ulimit(1) prints it, if the launcher told. */
  readonly openFiles: string | undefined;
  /** Root folder of this installation of flux-ts. */
  readonly root: string;
}

export type SignalName = `SIG${string}`;

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Further file descriptors to hand on, as they are numbered here. */
  readonly inherit?: readonly number[];
}
