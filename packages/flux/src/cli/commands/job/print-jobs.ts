import type { Flux } from "@flux-ts/client/handle";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { RequestOf } from "@flux-ts/protocol/rpc/method";
import { type JsonObject, stringifyJson } from "@flux-ts/protocol/schema/json";
import { t } from "@flux-ts/protocol/schema/schema";
import { type JobListing, jobList, jobListing } from "@flux-ts/protocol/services/job-list";
import { spaceJson } from "../../output/json-text.ts";
import type { Output } from "../../output/output.ts";
import { CommandError } from "../../usage-error.ts";

const listing = t.object(jobListing);

/** A job as one line of JSON, real numbers with their point. */
export function jobLine(job: JobListing): string {
  return spaceJson(listing.print?.(job) ?? stringifyJson(job as JsonObject));
}

/** These listings are for programs. */
export function refuseTerminal(out: Output): void {
  if (!out.isTerminal) return;
  throw new CommandError("This is not the command you are looking for. Try flux-jobs(1).");
}

type Request = Omit<RequestOf<typeof jobList.list>, "attrs">;

export async function printJobs(flux: Flux, out: Output, request: Request): Promise<void> {
  try {
    let version = 0;
    for await (const response of flux.stream(jobList.list, {
      ...request,
      attrs: ["all"],
    })) {
      for (const job of response.jobs) out.line(jobLine(job));
      // Older instances answer once, and do not say that they stream.
      version = response.version ?? version;
      if (version === 0) return;
    }
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`flux job-list.list: ${error.message}`);
  }
}
