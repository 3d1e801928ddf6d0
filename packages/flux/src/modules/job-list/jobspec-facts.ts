import { type JobShape, jobShapeOf } from "@flux-ts/protocol/job/job-shape";
import type { Jobspec } from "@flux-ts/protocol/job/jobspec";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import type { JobspecFacts } from "./job-record.ts";

export interface ReadJobspec extends JobspecFacts {
  /** Undefined if the jobspec does not make sense: then listings show what can be told. */
  readonly shape: JobShape | undefined;
}

/** What a jobspec says, however much of it is valid. */
export function readJobspec(jobspec: JsonObject): ReadJobspec {
  const attributes = objectAt(jobspec, "attributes");
  const system = objectAt(attributes, "system");
  const name = textAt(objectAt(system, "job"), "name") ?? commandName(jobspec);
  // Without a command there is nothing to have a shape.
  const shape = name === undefined ? undefined : shapeOf(jobspec);
  return {
    name,
    cwd: textAt(system, "cwd"),
    queue: textAt(system, "queue"),
    project: textAt(system, "project"),
    bank: textAt(system, "bank"),
    duration: typeof system?.duration === "number" ? system.duration : undefined,
    ntasks: shape?.ntasks,
    ncores: shape?.ncores,
    // Without a count of nodes only the allocation will tell.
    nnodes: shape?.nnodes || undefined,
    shape,
  };
}

function shapeOf(jobspec: JsonObject): JobShape | undefined {
  const { resources, tasks, attributes } = jobspec;
  const isWhole = Array.isArray(resources) && Array.isArray(tasks) && isJsonObject(attributes);
  if (!isWhole) return undefined;
  try {
    return jobShapeOf(jobspec as Jobspec);
  } catch (error) {
    // A malformed part makes it throw other things than FluxError, too: jobs can skip validation.
    if (error instanceof FluxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The last part of the command's path; all of it if that is empty. */
function commandName({ tasks }: JsonObject): string | undefined {
  const task = Array.isArray(tasks) ? tasks[0] : undefined;
  const command = isJsonObject(task) ? task.command : undefined;
  const program = Array.isArray(command) ? command[0] : undefined;
  if (typeof program !== "string") return undefined;
  return program.slice(program.lastIndexOf("/") + 1) || program;
}

function objectAt(object: JsonObject | undefined, key: string): JsonObject | undefined {
  const value: Json | undefined = object?.[key];
  return isJsonObject(value) ? value : undefined;
}

function textAt(object: JsonObject | undefined, key: string): string | undefined {
  const value = object?.[key];
  return typeof value === "string" ? value : undefined;
}
