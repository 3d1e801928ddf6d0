import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { rSchema, toR } from "@flux-ts/protocol/resource/resource-set-json";
import { spaceJson } from "../../output/json-text.ts";

/** R as flux-core's tools print it: on one line, with blanks, properties by name. */
export function textOfR(set: ResourceSet): string {
  const R = toR(set);
  const { properties, ...execution } = R.execution;
  const sorted = Object.entries(properties ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const ordered = {
    ...R,
    execution: {
      ...execution,
      ...(sorted.length > 0 && { properties: Object.fromEntries(sorted) }),
    },
  };
  return spaceJson(rSchema.print?.(ordered) ?? "");
}
