import { dottedValue } from "@flux-ts/protocol/job/dotted-path";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import { formatDuration, parseDuration } from "@flux-ts/protocol/text/duration";
import type { JobtapFactory } from "../jobtap-plugin.ts";

/** Limit of a duration that says there is none. */
const unlimited = 0;

/** `policy.limits.duration`, and the same of queues, which takes precedence (RFC 33). */
export const limitDuration: JobtapFactory = () => {
  let general: number | undefined;
  let byQueue = new Map<string, number>();

  function configure(config: JsonObject): void {
    const newGeneral = limitIn(config, "policy.limits.duration");
    const newByQueue = new Map<string, number>();
    const { queues } = config;
    for (const [name, queue] of Object.entries(isJsonObject(queues) ? queues : {})) {
      const limit = isJsonObject(queue) ? limitIn(queue, `queues.${name}.policy`) : undefined;
      if (limit !== undefined) newByQueue.set(name, limit);
    }
    general = newGeneral;
    byQueue = newByQueue;
  }

  function validate(jobspec: JsonObject): void {
    if (general === undefined && byQueue.size === 0) return;
    const queue = dottedValue(jobspec, "attributes.system.queue");
    const given = dottedValue(jobspec, "attributes.system.duration");
    const name = typeof queue === "string" ? queue : undefined;
    const duration = typeof given === "number" ? given : unlimited;
    const limit = (name === undefined ? undefined : byQueue.get(name)) ?? general;
    if (limit === undefined || limit === unlimited) return;
    if (duration <= limit && duration !== unlimited) return;
    const requested = duration === unlimited ? "unlimited" : formatDuration(duration, 2);
    const where = name === undefined ? "" : ` for queue ${name}`;
    throw new FluxError(
      "EINVAL",
      `requested duration (${requested}) exceeds policy limit of ${formatDuration(limit, 2)}${where}`,
    );
  }

  return {
    callbacks: new Map([["job.validate", (job, { jobspec = job.jobspec }) => validate(jobspec)]]),
    configure,
  };
};

function limitIn(table: JsonObject, where: string): number | undefined {
  const text = dottedValue(table, "policy.limits.duration");
  if (text === undefined) return undefined;
  const key = where.startsWith("queues") ? `${where}.limits.duration` : where;
  if (typeof text !== "string") throw new FluxError("EINVAL", `${key}: must be a string`);
  try {
    const seconds = parseDuration(text);
    return seconds === Number.POSITIVE_INFINITY ? unlimited : seconds;
  } catch (cause) {
    throw new FluxError("EINVAL", `${key}: FSD value is malformed`, { cause });
  }
}
