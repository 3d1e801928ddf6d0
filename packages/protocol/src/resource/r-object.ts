import type { JsonObject } from "../schema/json.ts";
import { type Schema, t } from "../schema/schema.ts";
import { type R, rSchema } from "./resource-set-json.ts";

/** R (RFC 20) in an RPC, not looked into: its times are printed as reals, as peers expect them. */
export const rObject: Schema<JsonObject> = {
  ...t.jsonObject,
  print: (value) => rSchema.print?.(value as R) ?? "",
};
