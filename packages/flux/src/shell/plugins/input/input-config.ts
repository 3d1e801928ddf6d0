import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json } from "@flux-ts/protocol/schema/json";
import { parseSize } from "../../size.ts";

/** Where the tasks' standard input comes from: who attaches to the job, or a file. */
export type InputConfig =
  | { readonly type: "service"; readonly limitBytes: number }
  | { readonly type: "file"; readonly path: string };

const maxLimit = 33_554_432;

/** Option `input` (wire-jobs §7.11). EINVAL for values that make no sense. */
export function inputConfig(option: Json | undefined): InputConfig {
  const given = isJsonObject(option) ? option : {};
  const stdin = isJsonObject(given.stdin) ? given.stdin : {};
  const { type = "service", path } = stdin;
  if (type === "file") {
    if (typeof path !== "string") {
      throw new FluxError("EINVAL", "path for stdin file input not specified");
    }
    return { type, path };
  }
  if (type !== "service") throw new FluxError("EINVAL", `input.stdin.type=${type} invalid`);
  const { limit = "10M" } = given;
  const limitBytes = typeof limit === "number" ? limit : parseSize(String(limit));
  if (limitBytes === undefined || limitBytes <= 0 || limitBytes > maxLimit) {
    throw new FluxError("EINVAL", `Invalid KVS input.limit=${limit}`);
  }
  return { type, limitBytes };
}
