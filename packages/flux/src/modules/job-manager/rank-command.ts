import type { FluxError } from "@flux-ts/protocol/rpc/error";

/**
 * A command that runs on some ranks, one process on each (RFC 42). The callbacks are inputs of the machine.
 */
export interface RankCommand {
  readonly cmdline: readonly string[];
  /** On top of the environment of the broker. */
  readonly env: Readonly<Record<string, string>>;
  readonly ranks: readonly number[];
  /** A line of output, without its newline. */
  readonly onOutput: (rank: number, stream: string, line: string) => void;
  /** A process ended with this wait status. */
  readonly onExit: (rank: number, status: number) => void;
  /** A process could not be started, or its rank was lost. */
  readonly onFailed: (rank: number, error: FluxError) => void;
}
