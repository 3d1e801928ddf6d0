import type { ValidateOptions } from "@flux-ts/protocol/job/validate-jobspec";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { InstanceSize } from "./require-instance.ts";

/** What the arguments of the validator stage say to the built-in plugins. */
export interface PluginOptions {
  readonly requireVersion: NonNullable<ValidateOptions["requireVersion"]>;
  readonly instanceSize: Partial<InstanceSize>;
}

/** From arguments such as `--require-version=any`. Others are for external plugins. EINVAL. */
export function pluginOptions(args: readonly string[]): PluginOptions {
  let requireVersion: PluginOptions["requireVersion"] = 1;
  const instanceSize: { minnodes?: number; mincores?: number } = {};
  for (const [name, value] of optionPairs(args)) {
    if (name === "--require-version") requireVersion = versionOf(value);
    else if (name === "--require-instance-minnodes") instanceSize.minnodes = countOf(name, value);
    else if (name === "--require-instance-mincores") instanceSize.mincores = countOf(name, value);
  }
  return { requireVersion, instanceSize };
}

/** Both `--name=value` and `--name value`. */
function* optionPairs(args: readonly string[]): IterableIterator<[string, string]> {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    const equals = arg.indexOf("=");
    if (equals >= 0) yield [arg.slice(0, equals), arg.slice(equals + 1)];
    else if (arg.startsWith("--")) yield [arg, args[++at] ?? ""];
  }
}

function versionOf(text: string): 1 | "any" {
  if (text === "any") return "any";
  const version = Number(text);
  if (version === 1) return 1;
  if (version < 1) throw refuse(`Required jobspec version too low: ${text} is < 1`);
  if (version > 1) throw refuse(`Required jobspec version too high: ${text} is > 1`);
  throw refuse("Invalid argument to --require-version");
}

function countOf(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw refuse(`${name}: "${text}" is not a number`);
}

const refuse = (text: string): FluxError => new FluxError("EINVAL", text);
