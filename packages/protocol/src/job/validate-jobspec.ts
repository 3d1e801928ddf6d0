import { FluxError } from "../rpc/error.ts";
import { isJsonObject, type Json, type JsonObject } from "../schema/json.ts";
import { Hostlist } from "../text/hostlist.ts";
import { Idset } from "../text/idset.ts";
import type { Jobspec, ResourceCount } from "./jobspec.ts";
import { parseCount } from "./resource-count.ts";

/**
 * The checks that every submitted jobspec has to pass (RFC 14, RFC 25), with the texts that users
 * know. What a scheduler cannot make sense of is refused later, by jobShapeOf.
 */
export interface ValidateOptions {
  /** Refuse other versions than this one. Default 1; `any` for RFC 14 jobspec. */
  readonly requireVersion?: 1 | "any";
  /** Whether a host exists in the instance, to refuse constraints that name others. */
  readonly isHost?: (host: string) => boolean;
}

const topLevelKeys = ["resources", "tasks", "attributes", "version"];

/** Nesting that no machine needs. */
const maxDepth = 100;

const refuse = (text: string): FluxError => new FluxError("EINVAL", text);

const isInteger = (value: Json | undefined): value is number => Number.isInteger(value);

/** The value as a jobspec. EINVAL saying what is wrong with it. */
export function validateJobspec(value: Json, options: ValidateOptions = {}): Jobspec {
  if (!isJsonObject(value)) throw refuse("jobspec must be a mapping");
  checkKeys(value, topLevelKeys);
  const { resources, tasks, attributes, version } = value;
  const isVersion1 = (options.requireVersion ?? 1) === 1 || version === 1;
  if (isVersion1 && version !== 1) throw refuse("version must be 1");
  if (!Array.isArray(resources)) throw refuse("resources must be a sequence");
  if (!Array.isArray(tasks)) throw refuse("tasks must be a sequence");
  if (!isJsonObject(attributes)) throw refuse("attributes must be a mapping");
  if (!isInteger(version)) throw refuse("version must be an integer");
  if (version < 1) throw refuse("version must be >= 1");
  for (const resource of resources) checkResource(resource, 0);
  for (const task of tasks) checkTask(task);
  checkKnownKeys(attributes, ["system", "user"]);
  checkSystemAttributes(attributes.system, options);
  if (isVersion1) checkVersion1(resources, tasks, attributes);
  return value as Jobspec;
}

function checkKeys(value: JsonObject, required: readonly string[]): void {
  for (const key of required) if (!Object.hasOwn(value, key)) throw refuse(`Missing key (${key})`);
  checkKnownKeys(value, required);
}

function checkKnownKeys(value: JsonObject, known: readonly string[]): void {
  for (const key in value) if (!known.includes(key)) throw refuse(`Extraneous key (${key})`);
}

function checkResource(resource: Json, depth: number): void {
  if (depth > maxDepth) throw refuse("resources are nested too deeply");
  if (!isJsonObject(resource)) throw refuse("resource must be a mapping");
  const { type, count, exclusive, label } = resource;
  if (type === undefined) throw refuse("type is a required key for resources");
  if (typeof type !== "string") throw refuse("type must be a string");
  if (count === undefined) throw refuse("count is a required key for resources");
  checkCount(type, count);
  for (const key of ["id", "unit", "label"]) {
    const given = resource[key];
    if (given !== undefined && typeof given !== "string") throw refuse(`${key} must be a string`);
  }
  if (exclusive !== undefined && typeof exclusive !== "boolean") {
    throw refuse("exclusive must be a boolean");
  }
  if (type === "slot" && label === undefined) throw refuse("slots must have labels");
  const below = resource.with;
  if (below === undefined) return;
  if (!Array.isArray(below)) throw refuse("with must be a sequence");
  for (const child of below) checkResource(child, depth + 1);
}

function checkCount(type: string, count: Json): void {
  if (isJsonObject(count)) {
    checkKnownRangeKeys(count);
    parseCount(count as ResourceCount);
  } else if (typeof count === "string") {
    parseCount(count);
  } else if (!isInteger(count)) {
    throw refuse("count must be an int or mapping");
  } else if (count < 1 && ["node", "slot", "core"].includes(type)) {
    throw refuse("node, slot, or core count must be > 0");
  } else if (count < 0) {
    throw refuse("count must be >= 0");
  }
}

function checkKnownRangeKeys(count: JsonObject): void {
  if (count.min === undefined) throw refuse("min must be in range");
  checkKnownKeys(count, ["min", "max", "operand", "operator"]);
}

function checkTask(task: Json): void {
  if (!isJsonObject(task)) throw refuse("task must be a mapping");
  const { command, slot, count, attributes } = task;
  for (const key of ["command", "slot", "count"]) {
    if (!Object.hasOwn(task, key)) throw refuse(`Missing key (${key})`);
  }
  checkTaskCount(count);
  if (typeof slot !== "string") throw refuse("slot must be a string");
  if (attributes !== undefined && !isJsonObject(attributes)) {
    throw refuse("attributes must be a mapping");
  }
  if (Array.isArray(command) && command.length === 0) {
    throw refuse("command array cannot have length of zero");
  }
  if (!Array.isArray(command) || !command.every((word) => typeof word === "string")) {
    throw refuse("command must be a list of strings");
  }
}

function checkTaskCount(count: Json | undefined): void {
  if (!isJsonObject(count)) throw refuse("count must be a mapping");
  const keys = Object.keys(count);
  if (keys.length !== 1) throw refuse("count must have exactly one key set");
  if (!["per_slot", "per_resource", "total"].includes(keys[0]!)) {
    throw refuse("count per_slot, per_resource, or total must be set");
  }
  for (const key of ["total", "per_slot"]) {
    const number = count[key];
    if (number === undefined) continue;
    if (!isInteger(number)) throw refuse(`count ${key} must be an int`);
    if (number <= 0) throw refuse(`count ${key} must be > 0`);
  }
}

function checkSystemAttributes(system: Json | undefined, options: ValidateOptions): void {
  if (system === undefined) return;
  if (!isJsonObject(system)) throw refuse("attributes.system must be a mapping");
  const { dependencies, constraints } = system;
  if (dependencies !== undefined) {
    if (!Array.isArray(dependencies)) {
      throw refuse("attributes.system.dependencies must be a list");
    }
    for (const dependency of dependencies) checkDependency(dependency);
  }
  if (constraints !== undefined) checkConstraints(constraints, 0, options);
}

function checkDependency(dependency: Json): void {
  if (!isJsonObject(dependency)) throw refuse("dependency must be a mapping");
  for (const key of ["scheme", "value"]) {
    if (!Object.hasOwn(dependency, key)) throw refuse(`Missing key (${key})`);
  }
  for (const key of ["scheme", "value"]) {
    if (typeof dependency[key] !== "string") throw refuse(`dependency ${key} must be a string`);
  }
}

/** RFC 31. An object with several operators is all of them. */
function checkConstraints(constraints: Json, depth: number, options: ValidateOptions): void {
  if (depth > maxDepth) throw refuse("constraints are nested too deeply");
  if (!isJsonObject(constraints)) throw refuse("constraints must be a mapping");
  for (const [operator, values] of Object.entries(constraints)) {
    if (!Array.isArray(values)) {
      throw refuse(`argument to constraint ${operator} must be a sequence`);
    }
    switch (operator) {
      case "and":
      case "or":
      case "not":
        for (const value of values) checkConstraints(value, depth + 1, options);
        break;
      case "properties":
      case "hostlist":
      case "ranks":
        for (const value of values) checkConstraintValue(operator, value, options);
        break;
      default:
        throw refuse(`unknown constraint operator '${operator}'`);
    }
  }
}

function checkConstraintValue(operator: string, value: Json, { isHost }: ValidateOptions): void {
  if (typeof value !== "string") throw refuse(`argument to constraint ${operator} must be strings`);
  if (operator === "ranks") {
    Idset.parse(value);
  } else if (operator === "properties") {
    if (/[&'"`|()]/.test(value)) throw refuse(`invalid character in property '${value}'`);
  } else {
    for (const host of Hostlist.parse(value)) {
      if (isHost && !isHost(host)) {
        throw refuse(`host constraint contains invalid hosts: host '${host}' not found`);
      }
    }
  }
}

/** What RFC 25 asks for beyond RFC 14. */
function checkVersion1(resources: Json[], tasks: Json[], { system }: JsonObject): void {
  if (system === undefined) throw refuse("attributes.system is a required key");
  const { duration } = system as JsonObject;
  if (duration === undefined) throw refuse("attributes.system.duration is a required key");
  if (typeof duration !== "number") {
    throw refuse("attributes.system.duration must be a number");
  }
  for (const task of tasks) {
    const { per_resource } = (task as JsonObject).count as JsonObject;
    if (per_resource !== undefined) throw refuse("count per_slot or total must be set");
  }
  for (const resource of resources) checkFixedCount(resource as JsonObject);
}

/** Ranges are not for version 1. */
function checkFixedCount(resource: JsonObject): void {
  const { type, count } = resource;
  if (typeof count !== "number") {
    const got = typeof count === "string" ? "str" : "dict";
    throw refuse(`resource count must be an integer for type '${type}' (got '${got}')`);
  }
  for (const child of (resource.with ?? []) as JsonObject[]) checkFixedCount(child);
}
