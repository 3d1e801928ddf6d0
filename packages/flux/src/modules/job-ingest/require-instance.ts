import { dottedValue } from "@flux-ts/protocol/job/dotted-path";
import { jobShapeOf } from "@flux-ts/protocol/job/job-shape";
import type { Jobspec } from "@flux-ts/protocol/job/jobspec";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";

/** Jobs of this size or larger have to be Flux instances of their own. */
export interface InstanceSize {
  readonly minnodes: number;
  readonly mincores: number;
}

/** Cores per node that are assumed where only nodes are limited. */
const assumedCoresPerNode = 16;

/** From `ingest.validator.require-instance`, where the module's arguments do not say otherwise. */
export function instanceSize(config: JsonObject, given: Partial<InstanceSize>): InstanceSize {
  const table = "ingest.validator.require-instance";
  const numberAt = (name: string): number => {
    const value = dottedValue(config, `${table}.${name}`);
    return typeof value === "number" ? value : 0;
  };
  const minnodes = given.minnodes ?? numberAt("minnodes");
  const mincores = given.mincores ?? numberAt("mincores");
  // Or a job that only asks for cores would slip through.
  return minnodes > 0 && mincores === 0
    ? { minnodes, mincores: assumedCoresPerNode * minnodes }
    : { minnodes, mincores };
}

/** Throws EINVAL if the job should run in an instance of its own. */
export function requireInstance(jobspec: Jobspec, { minnodes, mincores }: InstanceSize): void {
  const { nnodes, nslots, coresPerSlot } = jobShapeOf(jobspec);
  const isLarge = (nnodes > 0 && nnodes >= minnodes) || nslots * coresPerSlot >= mincores;
  if (!isLarge || isInstance(jobspec)) return;
  const sizes = [
    ...(minnodes > 0 ? [`${minnodes} nodes`] : []),
    ...(mincores > 0 ? [`${mincores} cores`] : []),
  ];
  const which = sizes.length
    ? ` for jobs >= ${sizes.join(" or ")}`
    : " for all jobs in this instance";
  const text = `Direct job submission disabled${which}. Please use flux-batch(1) or flux-alloc(1)`;
  throw new FluxError("EINVAL", text);
}

function isInstance({ attributes, tasks }: Jobspec): boolean {
  if (Object.hasOwn(attributes.system, "batch")) return true;
  const [program = "", command = ""] = tasks[0]?.command ?? [];
  const name = program.slice(program.lastIndexOf("/") + 1);
  return name === "flux" && (command === "broker" || command === "start");
}
