/** The command line cannot be understood. How it is worded and which status follows is the dialect's. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** What the person is shown besides the text. */
  readonly hint: UsageHint;

  /**
   * - `usage`: the short usage, as argparse does
   * - `try`: "Try `PROG --help' for more information.", as getopt does
   * - `help`: the whole help and no text
   * - `option`: the text alone, about the value of an option
   * - `none`: the text alone
   */
  constructor(message: string, hint: UsageHint = "usage") {
    super(message);
    this.hint = hint;
  }
}

export type UsageHint = "usage" | "try" | "help" | "option" | "none";

/** The command ends with this text (if any) on stderr and this exit status. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;
  /** Who says so, where it is not the command: `flux` for parts that several commands share. */
  readonly prog: string | undefined;

  constructor(message: string, exitCode = 1, prog?: string) {
    super(message);
    this.exitCode = exitCode;
    this.prog = prog;
  }
}
