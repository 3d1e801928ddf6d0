import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { assignProperties } from "@flux-ts/protocol/resource/resource-set-json";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { CommandError } from "../../usage-error.ts";

/** Give properties to ranks, as `NAME:RANKS` names them, or `NAME` for all ranks. */
export function setProperties(set: ResourceSet, given: readonly string[]): void {
  const properties: Record<string, string> = {};
  for (const text of given) {
    const [name = "", ...ranks] = text.split(":");
    properties[name] = ranks.length > 0 ? ranks.join(":") : set.ranks.encode();
  }
  try {
    assignProperties(set, properties);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`failed to assign properties: ${error.message}`);
  }
}
