import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json } from "@flux-ts/protocol/schema/json";
import { JobFlag } from "@flux-ts/protocol/services/job-ingest";
import type { Job } from "./job.ts";

/** The flags that set-flags events can set (RFC 21), and what they do to a job. */
const effects: Readonly<Record<string, (job: Job) => void>> = {
  "alloc-bypass": (job) => {
    job.allocBypass = true;
  },
  debug: (job) => {
    job.flags |= JobFlag.Debug;
  },
  immutable: (job) => {
    job.isImmutable = true;
  },
};

export const isFlag = (name: string): boolean => Object.hasOwn(effects, name);

/** Set a flag. EPROTO if there is none of that name. */
export function applyFlag(job: Job, name: Json | undefined): void {
  if (typeof name !== "string" || !isFlag(name)) {
    throw new FluxError("EPROTO", `unknown job flag ${String(name)}`);
  }
  effects[name]!(job);
}
