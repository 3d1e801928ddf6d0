import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { parseDuration } from "@flux-ts/protocol/text/duration";

export interface HeartbeatSettings {
  /** Seconds between pulses. */
  readonly period: number;
  /** Seconds of silence a follower bears; Infinity is for ever. */
  readonly timeout: number;
  readonly warnThresh: number;
}

const defaults: HeartbeatSettings = { period: 2, timeout: 300, warnThresh: 3 };

/** Settings from the `[heartbeat]` table and module arguments. Throws EINVAL naming the key. */
export function heartbeatSettings(config: JsonObject, args: readonly string[]): HeartbeatSettings {
  const table = config.heartbeat ?? {};
  if (typeof table !== "object" || table === null || Array.isArray(table)) {
    throw new FluxError("EINVAL", "[heartbeat] must be a table");
  }
  let { period, timeout, warnThresh } = defaults;
  for (const [key, value] of Object.entries(table)) {
    if (key === "period") period = duration(key, value);
    else if (key === "timeout") timeout = duration(key, value) || Number.POSITIVE_INFINITY;
    else if (key === "warn_thresh" && Number.isInteger(value)) warnThresh = value as number;
    else throw new FluxError("EINVAL", `heartbeat.${key}: unknown key or wrong type`);
  }
  for (const arg of args) {
    const match = /^period=(.*)$/.exec(arg);
    if (!match) throw new FluxError("EINVAL", `${arg}: unknown option, use period=FSD`);
    period = duration("period", match[1]);
  }
  if (warnThresh <= 0) {
    throw new FluxError("EINVAL", "heartbeat.warn_thresh must be positive");
  }
  if (!(period > 0)) throw new FluxError("EINVAL", "heartbeat.period must be positive");
  if (timeout < 2 * period) {
    throw new FluxError("EINVAL", "heartbeat.timeout must be >= 2*heartbeat.period");
  }
  return { period, timeout, warnThresh };
}

function duration(key: string, value: unknown): number {
  if (typeof value !== "string") {
    throw new FluxError("EINVAL", `heartbeat.${key} must be a Flux standard duration`);
  }
  return parseDuration(value);
}
