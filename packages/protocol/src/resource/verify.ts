import { FluxError } from "../rpc/error.ts";
import { isJsonObject, type Json } from "../schema/json.ts";
import type { NodeResources } from "./node-resources.ts";
import type { ResourceSet } from "./resource-set.ts";

/** How far a node's resources may differ from those expected. */
export type VerifyMode = "strict" | "allow-extra" | "allow-missing" | "ignore";
/** Modes by what is compared; `default` for what is not named. */
export type VerifyConfig = { readonly default: VerifyMode } & {
  readonly [what in "hostname" | "core" | "gpu"]?: VerifyMode;
};

export const strictVerify: VerifyConfig = { default: "strict" };

const modes: readonly VerifyMode[] = ["strict", "allow-extra", "allow-missing", "ignore"];
const compared = ["default", "hostname", "core", "gpu"];

export interface VerifyResult {
  /** Nothing is missing, and the host is the expected one. */
  readonly ok: boolean;
  /** What differs; also if there is more than was expected, which is ok. */
  readonly text?: string;
}

/** Compare the one node in `actual` with what `expected` says about its rank. */
export function verifyResources(
  expected: ResourceSet,
  actual: ResourceSet,
  config: VerifyConfig = strictVerify,
): VerifyResult {
  const [node, ...others] = actual.nodes;
  if (!node || others.length) {
    return { ok: false, text: "Verification supported on single rank only" };
  }
  const { rank, hostname } = node;
  const wanted = expected.node(rank);
  if (!wanted) return { ok: false, text: `rank ${rank} not found in expected ranks` };
  const differs = hostname !== undefined && wanted.hostname !== undefined;
  if (modeOf(config, "hostname") === "strict" && differs && hostname !== wanted.hostname) {
    const text = `rank ${rank} got hostname '${hostname}', expected '${wanted.hostname}'`;
    return { ok: false, text };
  }
  const where = `rank ${rank} (${hostname ?? "unknown"})`;
  const missing = difference(wanted.resources, node.resources, config, "allow-missing");
  if (!missing.isEmpty) return { ok: false, text: `${where} missing resources: ${missing}` };
  const extra = difference(node.resources, wanted.resources, config, "allow-extra");
  return extra.isEmpty
    ? { ok: true }
    : { ok: true, text: `${where} has extra resources: ${extra}` };
}

/** What only `a` has, of the types for which that is not allowed. */
function difference(
  a: NodeResources,
  b: NodeResources,
  config: VerifyConfig,
  allowed: VerifyMode,
): NodeResources {
  const tolerated = (["core", "gpu"] as const).filter((type) =>
    ["ignore", allowed].includes(modeOf(config, type)),
  );
  return a.diff(b).without(tolerated);
}

function modeOf(config: VerifyConfig, what: "hostname" | "core" | "gpu"): VerifyMode {
  return config[what] ?? config.default;
}

/**
 * Modes from the configuration table `resource.verify`, or its short form: true is strict, false
 * ignores everything. `base` holds for what it does not name. EINVAL for what is not a mode.
 */
export function parseVerifyConfig(value: Json | undefined, base = strictVerify): VerifyConfig {
  if (value === undefined) return base;
  if (typeof value === "boolean") return { default: value ? "strict" : "ignore" };
  if (!isJsonObject(value)) throw refuse("verify must be a table or boolean");
  const config: Record<string, VerifyMode> = { ...base };
  for (const [what, mode] of Object.entries(value)) {
    if (typeof mode !== "string") throw refuse(`verify.${what} mode must be a string`);
    const known = modes.find((name) => name === mode);
    if (!known) throw refuse(`verify.${what}: unknown verify mode '${mode}'`);
    if (!compared.includes(what)) throw refuse(`verify: unsupported resource type: ${what}`);
    config[what] = known;
  }
  return { default: base.default, ...config };
}

function refuse(text: string): FluxError {
  return new FluxError("EINVAL", text);
}
