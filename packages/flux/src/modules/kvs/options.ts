import { isBlobref } from "@flux-ts/protocol/kvs/blobref";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import { parseDuration } from "@flux-ts/protocol/text/duration";

export interface KvsOptions {
  /** Commits that are ready together share a root. */
  merge: boolean;
  /** Begin with this root instead of the last checkpoint. */
  initialRootref: string | undefined;
}

/** EINVAL for an argument that is unknown or malformed. */
export function parseKvsOptions(args: readonly string[]): KvsOptions {
  const options: KvsOptions = { merge: true, initialRootref: undefined };
  for (const arg of args) {
    const value = arg.slice(arg.indexOf("=") + 1);
    if (arg.startsWith("transaction-merge=") && /^\d+$/.test(value)) {
      options.merge = Number(value) !== 0;
    } else if (arg.startsWith("initial-rootref=") && isBlobref(value)) {
      options.initialRootref = value;
    } else {
      throw new FluxError("EINVAL", `Unknown option \`${arg}'`);
    }
  }
  return options;
}

/** `[kvs] checkpoint-period` in seconds; undefined: no periodic checkpoints. EINVAL. */
export function checkpointPeriodOf(config: JsonObject): number | undefined {
  const { kvs } = config;
  if (kvs === undefined) return undefined;
  if (!isJsonObject(kvs)) throw new FluxError("EINVAL", "kvs must be a table");
  const period = kvs["checkpoint-period"];
  if (period === undefined) return undefined;
  if (typeof period !== "string") {
    throw new FluxError("EINVAL", "kvs.checkpoint-period must be a duration such as 30m");
  }
  const seconds = parseDuration(period);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}
