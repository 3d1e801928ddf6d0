import { checkPolicy } from "@flux-ts/protocol/job/queue-policy";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { configuredLimits, type PurgeLimits } from "./purge.ts";

/** What the configuration says to the job manager itself. */
export interface Settings {
  readonly limits: PurgeLimits;
  /** Started queues are stopped after a restart. */
  readonly stopQueuesOnRestart: boolean;
  /** Guests must not learn of other users' jobs. */
  readonly isPrivate: boolean;
}

/** EINVAL saying what is wrong with the configuration. */
export function settingsOf(config: JsonObject): Settings {
  checkPolicy(config);
  const table = tableAt(config, "job-manager");
  return {
    limits: configuredLimits(table),
    stopQueuesOnRestart: flag(table["stop-queues-on-restart"], "stop-queues-on-restart"),
    isPrivate: flag(tableAt(config, "access")["private-mode"], "private-mode"),
  };
}

function tableAt(config: JsonObject, name: string): JsonObject {
  const table = config[name];
  if (table === undefined) return {};
  if (!isJsonObject(table)) throw new FluxError("EINVAL", `[${name}] must be a table`);
  return table;
}

function flag(value: Json | undefined, name: string): boolean {
  if (value !== undefined && typeof value !== "boolean") {
    throw new FluxError("EINVAL", `${name} must be true or false`);
  }
  return value ?? false;
}
