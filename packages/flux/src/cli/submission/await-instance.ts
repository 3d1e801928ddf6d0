import { connect } from "@flux-ts/client/connect";
import { Job } from "@flux-ts/client/job";
import { jobEvents } from "@flux-ts/client/job-events";
import { nearbyUri } from "@flux-ts/client/nearby-uri";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { stateMachine } from "@flux-ts/protocol/services/state-machine";
import { formatF } from "@flux-ts/protocol/text/printf";
import { type AttachSurroundings, attach } from "../attach/attach.ts";
import { CommandError } from "../usage-error.ts";

/**
 * Wait until the instance that a job is takes jobs of its own, then print the job's id. Resolves to the
 * exit status; an interrupt cancels the job.
 */
export async function awaitInstance(
  near: AttachSurroundings,
  id: JobId,
  shown: string,
  isVerbose: boolean,
): Promise<number> {
  const { flux, out, err, env, system } = near;
  const interrupted = new AbortController();
  const restore = system.onSignal(["SIGINT"], () => interrupted.abort());
  let start: number | undefined;
  const log = (time: number, text: string): void => {
    if (isVerbose) err.line(`${shown}: ${formatF(time, 3).padStart(6)}s: ${text}`);
  };
  log(0, "waiting for resources");
  try {
    for await (const event of jobEvents(flux, id, undefined, { signal: interrupted.signal })) {
      start ??= event.timestamp;
      const time = event.timestamp - start;
      if (event.name === "alloc") log(time, "resources allocated");
      const uri = event.name === "memo" ? event.context?.uri : undefined;
      if (typeof uri !== "string") continue;
      log(time, "waiting for instance");
      await awaitReady(nearbyUri(uri, env), shown);
      log(Date.now() / 1000 - start, "ready");
      out.line(shown);
      return 0;
    }
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
  } finally {
    restore();
  }
  if (interrupted.signal.aborted) {
    err.line(`\r${shown}: Interrupt: canceling job`);
    await new Job(flux, id).cancel();
    return 1;
  }
  // It ended before: show why.
  await attach({ ...near, out: err }, id, shown);
  throw new CommandError(`${shown}: unexpectedly exited`);
}

async function awaitReady(uri: string, shown: string): Promise<void> {
  const child = await connect(uri).catch((error: unknown) => {
    throw new CommandError(`Unable to connect to ${shown}: ${(error as Error).message}`);
  });
  try {
    await child.call(stateMachine.wait);
  } catch {
    throw new CommandError(`${shown}: instance startup failed`);
  } finally {
    child.close();
  }
}
