import type { Flux } from "@flux-ts/client/handle";
import { submitJobspec } from "@flux-ts/client/job";
import { fromCommand } from "@flux-ts/protocol/job/from-command";
import { setAttribute } from "@flux-ts/protocol/job/jobspec";
import { stringifyJson } from "@flux-ts/protocol/schema/json";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { cleanEnv } from "./instance.ts";

/** A jobspec as `flux submit` makes it: one task on one core, with the user's environment. */
export function jobspecText(command: readonly string[]): string {
  return stringifyJson(fromCommand(command, { cwd: process.cwd(), environment: cleanEnv }));
}

/** The same with simulated execution: no shell, no process, over at once. */
export function simulatedText(): string {
  const jobspec = fromCommand(["true"], { cwd: process.cwd(), environment: cleanEnv });
  setAttribute(jobspec, "exec.test.run_duration", "0.000001s");
  return stringifyJson(jobspec);
}

/** Submissions under way at a time: what a script that does not wait for answers has, bounded. */
const window = 1000;

/** Submit `count` jobs over one connection without waiting for each; resolves when all are accepted. */
export async function submitAll(flux: Flux, jobspec: string, count: number): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await submitJobspec(flux, jobspec);
  };
  await Promise.all(Array.from({ length: Math.min(window, count) }, worker));
}

/** Resolves when no job is active. */
export async function allInactive(flux: Flux): Promise<void> {
  await flux.call(jobManager.drain);
}

export interface Successes {
  readonly successful: number;
  readonly failed: number;
}

/** Throws unless there are exactly `count` inactive jobs and all of them ended well. */
export async function checkSuccess(flux: Flux, count: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    // job-list learns of the last events a moment later.
    const { successful, failed } = await flux.rpc("job-list.job-stats");
    if (successful === count && failed === 0) return;
    if (Date.now() > deadline)
      throw new Error(`${successful} of ${count} jobs ended well, ${failed} failed`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
