import { dottedValue } from "@flux-ts/protocol/job/dotted-path";
import { JobState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, stringifyJson } from "@flux-ts/protocol/schema/json";
import type { JobtapArgs, JobtapFactory, JobtapResult, JobView } from "../jobtap-plugin.ts";
import type { Queue } from "../queue.ts";
import type { Queues } from "../queues.ts";

const refuse = (text: string): FluxError => new FluxError("EINVAL", text);

/** Lets pending jobs move to another queue, which brings its own constraints (RFC 33). */
export function updateQueue(queues: Queues): JobtapFactory {
  function update(job: JobView, { value }: JobtapArgs): JobtapResult {
    if (typeof value !== "string") throw refuse("queue must be a string");
    if (job.state === JobState.RUN || job.state === JobState.CLEANUP) {
      throw refuse("update of queue for running job not supported");
    }
    const current = dottedValue(job.jobspec, "attributes.system.queue");
    if (current === value) throw refuse(`job queue is already set to ${value}`);
    const queue = queues.lookup(value);
    if (!queue.isEnabled) throw refuse(`queue ${value} is currently disabled`);
    const currentQueue = queues.lookup(typeof current === "string" ? current : undefined);
    checkConstraints(dottedValue(job.jobspec, "attributes.system.constraints"), currentQueue);
    return {
      feasibility: true,
      updates: { "attributes.system.constraints": constraintsOf(queue) },
    };
  }

  return () => ({
    callbacks: new Map([["job.update.attributes.system.queue", update]]),
  });
}

function constraintsOf({ requires }: Queue): { properties?: string[] } {
  return requires ? { properties: [...requires] } : {};
}

/** Constraints are replaced as a whole, so the job must have none but those of its present queue. */
function checkConstraints(constraints: Json | undefined, queue: Queue): void {
  const isEmpty = !isJsonObject(constraints) || Object.keys(constraints).length === 0;
  const expected = constraintsOf(queue);
  if (isEmpty && !expected.properties) return;
  if (!isEmpty && stringifyJson(constraints) === stringifyJson(expected)) return;
  throw refuse(
    `job appears to have non-queue constraints, unable to update queue to ${queue.name}`,
  );
}
