import { dottedValue } from "@flux-ts/protocol/job/dotted-path";
import { jobShapeOf } from "@flux-ts/protocol/job/job-shape";
import type { Jobspec } from "@flux-ts/protocol/job/jobspec";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import type { JobtapFactory } from "../jobtap-plugin.ts";

const resources = ["nnodes", "ncores", "ngpus"] as const;
type Resource = (typeof resources)[number];
/** Missing: not limited here. -1: not limited, whatever the general limit is. */
type Sizes = Partial<Record<Resource, number>>;
interface Limits {
  readonly max: Sizes;
  readonly min: Sizes;
}

const unlimited = -1;

/** `policy.limits.job-size`, and the same of queues, which takes precedence (RFC 33). */
export const limitJobSize: JobtapFactory = () => {
  let general: Limits = { max: {}, min: {} };
  let byQueue = new Map<string, Limits>();
  let isLimited = false;

  function configure(config: JsonObject): void {
    const newGeneral = limitsIn(config, "");
    const newByQueue = new Map<string, Limits>();
    const { queues } = config;
    for (const [name, queue] of Object.entries(isJsonObject(queues) ? queues : {})) {
      if (isJsonObject(queue)) newByQueue.set(name, limitsIn(queue, `queues.${name}.`));
    }
    general = newGeneral;
    byQueue = newByQueue;
    isLimited = [general, ...byQueue.values()].some(
      ({ max, min }) => Object.keys(max).length + Object.keys(min).length > 0,
    );
  }

  function validate(jobspec: JsonObject): void {
    if (!isLimited) return;
    const { nnodes, nslots, coresPerSlot, gpusPerSlot } = jobShapeOf(jobspec as Jobspec);
    const size = { nnodes, ncores: nslots * coresPerSlot, ngpus: nslots * gpusPerSlot };
    const queue = dottedValue(jobspec, "attributes.system.queue");
    const name = typeof queue === "string" ? queue : undefined;
    const own = name === undefined ? undefined : byQueue.get(name);
    const max = { ...general.max, ...own?.max };
    const min = { ...general.min, ...own?.min };
    for (const resource of resources) {
      const limit = max[resource] ?? unlimited;
      if (limit !== unlimited && size[resource] > limit) {
        throw refusal(resource, size[resource], "exceeds", limit, name);
      }
    }
    for (const resource of resources) {
      const limit = min[resource] ?? unlimited;
      if (limit !== unlimited && size[resource] < limit) {
        throw refusal(resource, size[resource], "is under", limit, name);
      }
    }
  }

  return {
    callbacks: new Map([["job.validate", (job, { jobspec = job.jobspec }) => validate(jobspec)]]),
    configure,
  };
};

function refusal(
  resource: Resource,
  size: number,
  how: "exceeds" | "is under",
  limit: number,
  queue: string | undefined,
): FluxError {
  const where = queue === undefined ? "" : ` for queue ${queue}`;
  const text = `requested ${resource} (${size}) ${how} policy limit of ${limit}${where}`;
  return new FluxError("EINVAL", text);
}

function limitsIn(table: JsonObject, prefix: string): Limits {
  const key = "policy.limits.job-size";
  const sizes = (which: "max" | "min"): Sizes =>
    sizesIn(dottedValue(table, `${key}.${which}`), `${prefix}${key}.${which}`);
  return { max: sizes("max"), min: sizes("min") };
}

function sizesIn(table: Json | undefined, key: string): Sizes {
  if (table === undefined) return {};
  if (!isJsonObject(table)) throw new FluxError("EINVAL", `${key}: must be a table`);
  const sizes: Sizes = {};
  for (const resource of resources) {
    const size = table[resource];
    if (size === undefined) continue;
    if (!Number.isInteger(size)) {
      throw new FluxError("EINVAL", `${key}.${resource}: must be an integer`);
    }
    if ((size as number) < unlimited) {
      throw new FluxError("EINVAL", `${key}: size must be -1 (unlimited), or >= 0`);
    }
    sizes[resource] = size as number;
  }
  return sizes;
}
