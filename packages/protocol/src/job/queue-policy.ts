import { FluxError } from "../rpc/error.ts";
import { isJsonObject, type Json, type JsonObject } from "../schema/json.ts";
import { parseDuration } from "../text/duration.ts";

/**
 * Checks of the configuration tables `policy` and `queues` (RFC 33), which several services read: each
 * refuses a configuration that it could not follow later.
 */

/** Characters that a property cannot have, because constraint expressions use them. */
const bannedInProperties = /[ \t!&'"`|()]/;

/** EINVAL saying which table is wrong. */
export function checkPolicy(config: JsonObject): void {
  const { policy, queues } = config;
  const defaultQueue = policy === undefined ? undefined : checkTables(policy, "policy");
  if (queues !== undefined) checkQueues(queues);
  if (defaultQueue === undefined) return;
  if (!isJsonObject(queues) || !Object.hasOwn(queues, defaultQueue)) {
    throw new FluxError(
      "EINVAL",
      `the [policy] config table defines a default queue ${defaultQueue} that is not in [queues] table`,
    );
  }
}

function checkQueues(queues: Json): void {
  if (!isJsonObject(queues)) throw refuse("queues", "not a table");
  for (const [name, queue] of Object.entries(queues)) {
    const { policy, requires } = membersOf(queue, `queues.${name}`, ["policy", "requires"]);
    if (policy !== undefined && checkTables(policy, `queues.${name}.policy`) !== undefined) {
      throw refuse(`queues.${name}`, "'policy' must not define a default queue!");
    }
    if (requires !== undefined && !isStringArray(requires, bannedInProperties)) {
      const text = "'requires' must be an array of property strings (RFC 20)";
      throw refuse(`queues.${name}`, text);
    }
  }
}

/** Checks a policy table. Returns the default queue that it names. */
function checkTables(policy: Json, key: string): string | undefined {
  const tables = membersOf(policy, key, ["jobspec", "limits", "access", "scheduler"]);
  const { jobspec, limits, access } = tables;
  if (limits !== undefined) checkLimits(limits, `${key}.limits`);
  if (access !== undefined) checkAccess(access, `${key}.access`);
  return jobspec === undefined ? undefined : checkJobspec(jobspec, `${key}.jobspec`);
}

function checkJobspec(jobspec: Json, key: string): string | undefined {
  const { defaults = {} } = membersOf(jobspec, key, ["defaults"]);
  const { system = {} } = membersOf(defaults, key, ["system"]);
  const { duration, queue } = membersOf(system, key, ["duration", "queue"]);
  if (duration !== undefined && !isDuration(duration)) {
    throw refuse(key, "'defaults.system.duration' is not a valid FSD");
  }
  if (queue === undefined || typeof queue === "string") return queue;
  throw refuse(key, "'defaults.system.queue' is not a string");
}

function checkLimits(limits: Json, key: string): void {
  const { duration, "job-size": size } = membersOf(limits, key, ["job-size", "duration"]);
  if (duration !== undefined && !isDuration(duration)) {
    throw refuse(key, "'duration' is not a valid FSD");
  }
  if (size === undefined) return;
  const { min, max } = membersOf(size, `${key}.job-size`, ["min", "max"]);
  if (min !== undefined) checkSizes(min, `${key}.min`);
  if (max !== undefined) checkSizes(max, `${key}.max`);
}

function checkSizes(sizes: Json, key: string): void {
  const members = membersOf(sizes, key, ["nnodes", "ncores", "ngpus"]);
  for (const [name, size] of Object.entries(members)) {
    if (!Number.isInteger(size)) throw refuse(key, `${name}: Expected integer`);
    if ((size as number) < -1) throw refuse(key, "values must be >= -1");
  }
}

function checkAccess(access: Json, key: string): void {
  const lists = membersOf(access, key, ["allow-user", "allow-group"]);
  for (const [name, list] of Object.entries(lists)) {
    if (!isStringArray(list)) throw refuse(key, `'${name}' must be a string array`);
  }
}

/** The members of a table, of which there may be no others. */
function membersOf(table: Json | undefined, key: string, names: readonly string[]): JsonObject {
  if (!isJsonObject(table)) throw refuse(key, "Expected object");
  const extra = Object.keys(table).filter((name) => !names.includes(name));
  if (extra.length === 0) return table;
  throw refuse(key, `${extra.length} object item(s) left unpacked: ${extra.join(", ")}`);
}

function isDuration(value: Json): boolean {
  if (typeof value !== "string") return false;
  try {
    parseDuration(value);
    return true;
  } catch {
    return false;
  }
}

function isStringArray(value: Json | undefined, banned?: RegExp): boolean {
  if (!Array.isArray(value)) return false;
  return value.every((item) => typeof item === "string" && !banned?.test(item));
}

function refuse(key: string, text: string): FluxError {
  return new FluxError("EINVAL", `error parsing [${key}] config table: ${text}`);
}
