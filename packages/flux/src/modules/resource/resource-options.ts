import { resourceSetFromConfig } from "@flux-ts/protocol/resource/resource-config";
import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { parseVerifyConfig, type VerifyConfig } from "@flux-ts/protocol/resource/verify";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { type TypeOf, t } from "@flux-ts/protocol/schema/schema";
import { parseDuration } from "@flux-ts/protocol/text/duration";

const table = t.object(
  {
    path: t.optional(t.string),
    scheduling: t.optional(t.string),
    config: t.optional(t.json),
    verify: t.optional(t.json),
    exclude: t.optional(t.string),
    norestrict: t.optional(t.boolean),
    noverify: t.optional(t.boolean),
    "no-update-watch": t.optional(t.boolean),
    rediscover: t.optional(t.boolean),
    "journal-max": t.optional(t.int),
    history: t.optional(t.string),
  },
  { strict: true },
);

/** What the `[resource]` table and the module's arguments say. */
export interface ResourceOptions {
  /** R from `[[resource.config]]`. */
  readonly configured: ResourceSet | undefined;
  /** File with R, if there is no `[[resource.config]]`. */
  readonly path: string | undefined;
  /** File with the scheduler's part of R. */
  readonly schedulingPath: string | undefined;
  readonly verify: VerifyConfig;
  /** Verify even resources that the enclosing instance gave. */
  readonly verifyAlways: boolean;
  /** Idset or hosts that are not scheduled. */
  readonly exclude: string | undefined;
  readonly noRestrict: boolean;
  readonly noVerify: boolean;
  readonly noUpdateWatch: boolean;
  readonly rediscover: boolean;
  readonly journalMax: number;
  /** Keep events of this long; Infinity: all. */
  readonly historySeconds: number;
  /** Nodes are online when sdmon says so. */
  readonly systemd: boolean;
  readonly forceUp: boolean;
  readonly noTruncate: boolean;
}

/** Hosts may differ in what they have beyond R, and GPUs are not compared. */
const defaultVerify: VerifyConfig = { default: "allow-extra", gpu: "ignore", hostname: "strict" };

/** Read the configuration and the module's arguments. Throws EINVAL. */
export function resourceOptions(config: JsonObject, args: readonly string[]): ResourceOptions {
  const given = readTable(config.resource);
  const { systemd } = config;
  for (const arg of args) {
    if (["monitor-force-up", "noverify", "notruncate"].includes(arg)) continue;
    throw new FluxError("EINVAL", `unknown option: ${arg}`);
  }
  const configured = given.config === undefined ? undefined : readConfigured(given.config);
  if (given.scheduling !== undefined && !configured && given.path === undefined) {
    const text = "resource.scheduling requires resource.path or [resource.config]";
    throw new FluxError("EINVAL", text);
  }
  return {
    configured,
    path: given.path,
    schedulingPath: given.scheduling,
    verify: given.verify === undefined ? defaultVerify : parseVerifyConfig(given.verify),
    verifyAlways: given.verify !== undefined,
    exclude: given.exclude,
    noRestrict: given.norestrict ?? false,
    noVerify: (given.noverify ?? false) || args.includes("noverify"),
    noUpdateWatch: given["no-update-watch"] ?? false,
    rediscover: given.rediscover ?? false,
    journalMax: given["journal-max"] ?? 100_000,
    historySeconds: readHistory(given.history ?? "90d"),
    systemd: isJsonObject(systemd) && systemd.enable === true,
    forceUp: args.includes("monitor-force-up"),
    noTruncate: args.includes("notruncate"),
  };
}

function readTable(value: Json | undefined): TypeOf<typeof table> {
  try {
    return table.check(value ?? {}, "resource");
  } catch (cause) {
    throw refuse("error parsing [resource] configuration", cause);
  }
}

function readConfigured(config: Json): ResourceSet {
  try {
    return resourceSetFromConfig(config);
  } catch (cause) {
    throw refuse("error parsing [resource.config] array", cause);
  }
}

function readHistory(text: string): number {
  try {
    return parseDuration(text);
  } catch (cause) {
    throw new FluxError("EINVAL", "invalid history time", { cause });
  }
}

function refuse(what: string, cause: unknown): FluxError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new FluxError("EINVAL", `${what}: ${text}`, { cause });
}
