import { dottedValue } from "@flux-ts/protocol/job/dotted-path";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { parseDuration } from "@flux-ts/protocol/text/duration";

/** Changes a jobspec on its way in, by what the configuration says. Throws to refuse the job. */
type Frobnicator = (jobspec: JsonObject, config: JsonObject) => JsonObject;

/** The frobnicators that come with job-ingest; without others being named, all are used in this order. */
export const frobnicators: ReadonlyMap<string, Frobnicator> = new Map([
  ["defaults", applyDefaults],
  ["constraints", applyConstraints],
]);

/** Attributes that the user did not set, from `policy.jobspec.defaults` of the instance and the queue. */
function applyDefaults(jobspec: JsonObject, config: JsonObject): JsonObject {
  const system = systemOf(jobspec);
  const general = tableAt(config, "policy.jobspec.defaults.system");
  const queues = tableAt(config, "queues");
  const queue = stringAt(system, "queue") ?? stringAt(general, "queue");
  if (queue === undefined && Object.keys(queues).length > 0) throw refuse("no queue specified");
  const defaults: JsonObject = { ...general, ...queueDefaults(queues, queue) };
  const result: JsonObject = { ...system };
  for (const [name, value] of Object.entries(defaults)) {
    if (name === "duration") {
      if (!system.duration) result.duration = durationOf(value);
    } else if (result[name] === undefined) {
      result[name] = value;
    }
  }
  return withSystem(jobspec, result);
}

function queueDefaults(queues: JsonObject, queue: string | undefined): JsonObject {
  if (queue === undefined || Object.keys(queues).length === 0) return {};
  const table = queues[queue];
  if (!isJsonObject(table)) throw refuse(`Invalid queue '${queue}' specified`);
  return tableAt(table, "policy.jobspec.defaults.system");
}

function durationOf(value: Json | undefined): number {
  return typeof value === "number" ? value : parseDuration(String(value));
}

/** The properties that a queue binds its jobs to (RFC 33), on top of what the job asks for. */
function applyConstraints(jobspec: JsonObject, config: JsonObject): JsonObject {
  const system = systemOf(jobspec);
  const queue = stringAt(system, "queue");
  if (queue === undefined) return jobspec;
  const table = tableAt(config, "queues")[queue];
  if (!isJsonObject(table)) throw refuse(`Invalid queue '${queue}' specified`);
  const { requires } = table;
  if (!Array.isArray(requires)) return jobspec;
  const constraints = withProperties(system.constraints, requires);
  return withSystem(jobspec, { ...system, constraints });
}

function withProperties(constraints: Json | undefined, required: Json[]): JsonObject {
  if (!isJsonObject(constraints) || Object.keys(constraints).length === 0) {
    return { properties: required };
  }
  const { properties } = constraints;
  if (!Array.isArray(properties)) return { and: [constraints, { properties: required }] };
  const missing = required.filter((property) => !properties.includes(property));
  return { ...constraints, properties: [...properties, ...missing] };
}

function systemOf(jobspec: JsonObject): JsonObject {
  const system = dottedValue(jobspec, "attributes.system");
  if (isJsonObject(system)) return system;
  throw refuse("invalid jobspec: attributes.system must be a mapping");
}

function withSystem(jobspec: JsonObject, system: JsonObject): JsonObject {
  const attributes = jobspec.attributes as JsonObject;
  return { ...jobspec, attributes: { ...attributes, system } };
}

function tableAt(table: JsonObject, path: string): JsonObject {
  const value = dottedValue(table, path);
  return isJsonObject(value) ? value : {};
}

function stringAt(table: JsonObject, name: string): string | undefined {
  const value = table[name];
  return typeof value === "string" ? value : undefined;
}

// flux-core's workers report what they refuse as errno 1.
const refuse = (text: string): FluxError => new FluxError("EPERM", text);
