import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { encodeR } from "@flux-ts/protocol/resource/resource-set-json";
import { spaceJson } from "../../output/json-text.ts";

/** R as flux-core's tools print it: on one line, with blanks. */
export function textOfR(set: ResourceSet): string {
  return spaceJson(encodeR(set));
}
