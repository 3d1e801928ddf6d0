import { FluxError } from "../rpc/error.ts";
import { isJsonObject, type Json, type JsonObject } from "../schema/json.ts";
import type { Dependency } from "./dependency.ts";
import { setDotted } from "./dotted-path.ts";
import type { Fileref } from "./fileref.ts";

/**
 * Jobspec (RFC 14, and version 1 of RFC 25): what a job asks for. Checked by validateJobspec;
 * built by fromCommand, fromBatch and fromAlloc; read by jobShapeOf.
 */
export type Jobspec = {
  resources: ResourceVertex[];
  tasks: TaskSpec[];
  attributes: { system: SystemAttributes; user?: JsonObject };
  version: number;
};

/** A kind of resource, how many, and what is needed below each. */
export type ResourceVertex = {
  /** `node`, `slot`, `core`, `gpu`; schedulers may know more. */
  type: string;
  count: ResourceCount;
  unit?: string;
  exclusive?: boolean;
  with?: ResourceVertex[];
  /** Names a slot for tasks; slots must have one. */
  label?: string;
  id?: string;
};

/** A number, a range or idset in text form (RFC 45, RFC 22), or a range. Version 1: a number. */
export type ResourceCount = number | string | CountRangeSpec;
export type CountRangeSpec = {
  min: number;
  /** Unlimited if missing. */
  max?: number;
  /** How to get from one acceptable number to the next; with its operand. Default: `+` 1. */
  operator?: "+" | "*" | "^";
  operand?: number;
};

export type TaskSpec = {
  command: string[];
  /** Label of the slot to run in. */
  slot: string;
  count: TaskCountSpec;
  attributes?: JsonObject;
  distribution?: string;
};
/** Exactly one of the keys. */
export type TaskCountSpec = {
  per_slot?: number;
  total?: number;
  per_resource?: { type: string; count: number };
};

/** Attributes that Flux itself knows; there may be others. */
export type SystemAttributes = {
  /** Seconds; 0 is no limit. */
  duration: number;
  /** Variables of the tasks; null unsets one. */
  environment?: Record<string, string | null>;
  cwd?: string;
  queue?: string;
  bank?: string;
  project?: string;
  "preemptible-after"?: number;
  dependencies?: Dependency[];
  /** RFC 31. */
  constraints?: JsonObject;
  job?: { name?: string; [key: string]: Json | undefined };
  shell?: { options?: JsonObject; [key: string]: Json | undefined };
  /** RFC 37 archive, by path. */
  files?: Record<string, Fileref>;
  [key: string]: Json | undefined;
};

/**
 * Set an attribute by dotted key. Without a leading `attributes.`, `user.` or `system.` it is a
 * system attribute; a leading period stands for `attributes.`.
 */
export function setAttribute(jobspec: Jobspec, key: string, value: Json): void {
  const prefix = /^(\.|attributes\.)/.exec(key)?.[0] ?? "";
  const isQualified = prefix !== "" || /^(user|system)\./.test(key);
  setDotted(jobspec.attributes, isQualified ? key.slice(prefix.length) : `system.${key}`, value);
}

/** Set an option of the job shell by dotted key, such as `output.stdout.type`. */
export function setShellOption(jobspec: Jobspec, key: string, value: Json): void {
  setDotted(jobspec.attributes.system, `shell.options.${key}`, value);
}

/** Add a file that the job shell unpacks into the job's temporary directory (RFC 14 `files`). */
export function addFile(jobspec: Jobspec, path: string, file: Fileref): void {
  jobspec.attributes.system.files ??= {};
  jobspec.attributes.system.files[path] = file;
}

/** The name that listings show: the given one, else the last part of the command's path. */
export function jobNameOf({ attributes, tasks }: Jobspec): string {
  const given = attributes.system.job?.name;
  if (given !== undefined) return given;
  const program = tasks[0]?.command[0] ?? "";
  return program.slice(program.lastIndexOf("/") + 1);
}

/**
 * A copy of a jobspec with a jobspec-update event (RFC 21) applied: dotted keys and their new
 * values. EINVAL if a key does not lead into the jobspec.
 */
export function updatedJobspec(jobspec: Jobspec, updates: JsonObject): Jobspec {
  const copy = copyOf(jobspec) as Jobspec;
  for (const [key, value] of Object.entries(updates)) {
    if (!/^(attributes|resources|tasks)(\.|$)/.test(key)) {
      throw new FluxError("EINVAL", `jobspec-update: ${key} is not part of a jobspec`);
    }
    setDotted(copy, key, value ?? null);
  }
  return copy;
}

function copyOf(value: Json): Json {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) copy[key] = copyOf(member);
  }
  return copy;
}
