import { FluxError } from "@flux-ts/protocol/rpc/error";
import { ExecFlag, ExecLocalFlag } from "@flux-ts/protocol/services/rexec";
import { type Command, parseCommand } from "./command.ts";

/** Who sent a request: what tells its stream of responses from all others. */
export interface Client {
  /** First route of the request: the identity that a disconnect names. */
  readonly sender: string;
  readonly matchtag: number;
}

export interface ExecRequest extends Client {
  /** The command object as received. */
  readonly cmd: unknown;
  /** Bits of ExecFlag. */
  readonly flags: number;
  /** Bits of ExecLocalFlag. ForkExec makes no difference here. */
  readonly localFlags?: number | undefined;
  /** The request has the STREAMING flag; without it the process runs in the background. */
  readonly streaming: boolean;
}

/** The command of a request. Throws EPROTO or EINVAL as flux-core answers. */
export function checkExec({ cmd, flags, localFlags = 0, streaming }: ExecRequest): Command {
  if (!streaming) {
    refuse(flags & ExecFlag.WriteCredit, "write-credit flag is not allowed in background mode");
    refuse(
      localFlags & ExecLocalFlag.Fallthrough,
      "stdio-fallthrough flag is not allowed in background mode",
    );
  }
  const command = parseCommand(cmd);
  const hasChannels = command.channels.length > 0;
  if (!streaming) {
    refuse(hasChannels, "auxiliary channels are not allowed in background mode");
  } else {
    refuse(flags & ExecFlag.Waitable, "waitable flag only supported in background mode");
  }
  return command;
}

/** Output of this stream goes to a client that asked with these flags. */
export function isForwarded(flags: number, stream: string): boolean {
  if (stream === "stdout") return (flags & ExecFlag.Stdout) !== 0;
  if (stream === "stderr") return (flags & ExecFlag.Stderr) !== 0;
  return (flags & ExecFlag.Channel) !== 0;
}

function refuse(condition: number | boolean, text: string): void {
  if (condition) throw new FluxError("EINVAL", text);
}
