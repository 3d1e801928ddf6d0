import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { GivenJob } from "./job-ids-and-note.ts";

/** Do something with each of several jobs at once. Prints what failed; exit status 1 if anything did. */
export async function forEachJob(
  jobs: readonly GivenJob[],
  verb: string,
  print: (text: string) => void,
  act: (job: GivenJob) => Promise<unknown>,
): Promise<number> {
  const results = await Promise.allSettled(jobs.map(act));
  let code = 0;
  for (const [i, result] of results.entries()) {
    if (result.status === "fulfilled") continue;
    if (!(result.reason instanceof FluxError)) throw result.reason;
    print(`${verb} ${jobs[i]!.text}: ${result.reason.message}`);
    code = 1;
  }
  return code;
}
