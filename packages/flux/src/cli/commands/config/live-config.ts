import type { Flux } from "@flux-ts/client/handle";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { config } from "@flux-ts/protocol/services/config";
import { failedTo } from "../../errors.ts";

export async function liveConfig(flux: Flux): Promise<JsonObject> {
  return flux.call(config.get).catch(failedTo("Error fetching config object"));
}

/** A copy that may be changed. */
export async function configToChange(flux: Flux): Promise<JsonObject> {
  return structuredClone(await liveConfig(flux));
}

export async function storeConfig(flux: Flux, object: JsonObject): Promise<void> {
  await flux.call(config.load, object).catch(failedTo("Error updating config object"));
}
