import type { Flux } from "@flux-ts/client/handle";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { ExecFlag, type rexec } from "@flux-ts/protocol/services/rexec";
import type { Idset } from "@flux-ts/protocol/text/idset";
import type { Output } from "../output/output.ts";

export interface BackgroundOptions {
  readonly flux: Flux;
  readonly methods: typeof rexec;
  readonly cmd: JsonObject;
  readonly name: string;
  /** Keep the exit status until somebody asks for it. */
  readonly waitable: boolean;
  readonly out: Output;
  readonly err: Output;
}

/** Start a command on ranks without waiting for it; prints `RANK: PID`. Resolves to the exit status. */
export async function startInBackground(
  ranks: Idset,
  { flux, methods, cmd, name, waitable, out, err }: BackgroundOptions,
): Promise<number> {
  const request = { cmd, flags: waitable ? ExecFlag.Waitable : 0, local_flags: 0 };
  const codes = [...ranks].map(async (rank) => {
    try {
      const { pid } = await flux.call(methods.exec, request, { nodeid: rank });
      out.line(`${rank}: ${pid}`);
      return 0;
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      err.line(`flux-exec: Error: rank ${rank}: ${name}: ${error.message}`);
      return 1;
    }
  });
  return Math.max(...(await Promise.all(codes)));
}
