import type { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Command } from "./command.ts";
import type { Output } from "./output.ts";

/**
 * Where the responses to one exec or attach request go (RFC 42). A background exec gets `started`
 * or `end`, and nothing else. A streaming exec gets `started` before all others (or only `end`),
 * `finished` before or after its outputs, and `end` last; attach the same with `attached` in place
 * of `started`.
 */
export interface ExecListener {
  started(pid: number): void;
  attached(pid: number, command: Command): void;
  stopped(): void;
  /** More room for input: bytes by stream. */
  addCredit(channels: Readonly<Record<string, number>>): void;
  output(pid: number, output: Output): void;
  /** `status` as from wait(2). */
  finished(status: number): void;
  /** No more will come: ENODATA after success, else what failed. */
  end(error: FluxError): void;
}
