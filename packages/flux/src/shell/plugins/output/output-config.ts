import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import { parseSize } from "../../size.ts";

/** What becomes of a standard stream of the tasks. */
export interface StreamConfig {
  /** Template of the file it goes to; undefined: the job's output log. */
  readonly path: string | undefined;
  /** Each line begins with the rank of its task. */
  readonly label: boolean;
  readonly lineBuffered: boolean;
}

export interface OutputConfig {
  readonly stdout: StreamConfig;
  readonly stderr: StreamConfig;
  /** Files are appended to rather than truncated. */
  readonly append: boolean;
  /** Bytes of each stream that go to the output log. */
  readonly limitBytes: number;
  readonly limitText: string;
  /** Writes a follower may have on their way to the leader, and when it asks for more. */
  readonly hwm: number;
  readonly lwm: number;
  /** Option values that were ignored. */
  readonly warnings: readonly string[];
}

const maxLimit = 1_073_741_824;

/** Option `output` (wire-jobs §7.11). EINVAL for values that make no sense. */
export function outputConfig(option: unknown, isSingleUser: boolean): OutputConfig {
  if (option !== undefined && !isJsonObject(option as JsonObject)) throw invalid("output");
  const given = (option ?? {}) as JsonObject;
  const warnings: string[] = [];
  const { mode = "truncate", client = {}, limit = isSingleUser ? "1G" : "10M" } = given;
  if (typeof mode !== "string" || !isJsonObject(client)) throw invalid("output");
  if (mode !== "append" && mode !== "truncate")
    warnings.push(`ignoring invalid output.mode=${mode}`);
  const { hwm = 1000, lwm = 100 } = client;
  if (typeof hwm !== "number" || typeof lwm !== "number" || lwm < 0 || lwm >= hwm) {
    throw new FluxError("EINVAL", "invalid client.lwm and/or client.hwm specified");
  }
  const standard: StreamConfig = { path: undefined, label: false, lineBuffered: true };
  const stdout = streamConfig("stdout", given.stdout, standard, warnings);
  // Standard error goes where standard output goes, unless told otherwise, but at once.
  const stderr = streamConfig("stderr", given.stderr, { ...stdout, lineBuffered: false }, warnings);
  const limitText = String(limit);
  return {
    stdout,
    stderr,
    append: mode === "append",
    limitBytes: limitOf(limit),
    limitText,
    hwm,
    lwm,
    warnings,
  };
}

function streamConfig(
  name: string,
  option: unknown,
  inherited: StreamConfig,
  warnings: string[],
): StreamConfig {
  if (option === undefined) return inherited;
  if (!isJsonObject(option as JsonObject)) throw invalid(`${name} output`);
  const { type, path = inherited.path, label = inherited.label, buffer } = option as JsonObject;
  const isLabel = typeof label === "boolean" || typeof label === "number";
  if ((path !== undefined && typeof path !== "string") || !isLabel) throw invalid(`${name} output`);
  const kind = isJsonObject(buffer) ? buffer.type : undefined;
  let { lineBuffered } = inherited;
  if (typeof kind === "string") {
    lineBuffered = kind.toLowerCase() !== "none";
    if (!["none", "line"].includes(kind.toLowerCase())) {
      warnings.push(`invalid buffer type specified: ${kind}`);
    }
  }
  return { path: type === "kvs" ? undefined : path, label: Boolean(label), lineBuffered };
}

function limitOf(limit: unknown): number {
  const bytes = typeof limit === "number" ? limit : parseSize(String(limit));
  if (bytes === undefined || !Number.isInteger(bytes) || bytes <= 0 || bytes > maxLimit) {
    throw new FluxError("EINVAL", `Invalid KVS output.limit=${limit}`);
  }
  return bytes;
}

function invalid(what: string): FluxError {
  return new FluxError("EINVAL", `failed to read ${what} options`);
}
