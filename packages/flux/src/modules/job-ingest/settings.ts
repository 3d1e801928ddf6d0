import { checkPolicy } from "@flux-ts/protocol/job/queue-policy";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { frobnicators } from "./frobnicate.ts";

/** One stage of the pipeline. */
export interface StageSettings {
  readonly isEnabled: boolean;
  readonly plugins: readonly string[];
  readonly args: readonly string[];
}

export interface Settings {
  readonly validator: StageSettings;
  readonly frobnicator: StageSettings;
  /** Jobs per batch; 0: as it comes. */
  readonly batchCount: number;
  /** Input buffer of external workers, such as `10M`. */
  readonly bufferSize: string;
  readonly maxGenerator: number;
  readonly allowRoot: boolean;
}

/** RFC 19 has 2^14 generators; the last 16 are kept for other purposes. */
const defaultMaxGenerator = 2 ** 14 - 16 - 1;

interface Mutable {
  validatorPlugins: readonly string[] | undefined;
  validatorArgs: readonly string[] | undefined;
  isValidatorDisabled: boolean;
  batchCount: number;
  bufferSize: string;
  maxGenerator: number;
  allowRoot: boolean;
}

/** From the `ingest` table and the module's arguments. EINVAL saying what is wrong. */
export function settingsOf(config: JsonObject, args: readonly string[]): Settings {
  checkPolicy(config);
  const ingest = tableOf(config.ingest, "ingest");
  const validator = stageOf(ingest, "validator");
  const frobnicator = stageOf(ingest, "frobnicator");
  const settings: Mutable = {
    validatorPlugins: validator.plugins,
    validatorArgs: validator.args,
    isValidatorDisabled: validator.disable,
    batchCount: integerOf(ingest["batch-count"] ?? 0, "batch-count"),
    bufferSize: sizeOf(ingest["buffer-size"] ?? "10M"),
    maxGenerator: defaultMaxGenerator,
    allowRoot: false,
  };
  for (const arg of args) applyArgument(settings, arg);
  return {
    validator: {
      isEnabled: !settings.isValidatorDisabled,
      plugins: settings.validatorPlugins?.length ? settings.validatorPlugins : ["jobspec"],
      args: settings.validatorArgs ?? [],
    },
    frobnicator: {
      isEnabled: !frobnicator.disable && needsFrobnicator(config, frobnicator.plugins),
      plugins: frobnicator.plugins?.length ? frobnicator.plugins : [...frobnicators.keys()],
      args: frobnicator.args ?? [],
    },
    batchCount: settings.batchCount,
    bufferSize: settings.bufferSize,
    maxGenerator: settings.maxGenerator,
    allowRoot: settings.allowRoot,
  };
}

/** Only if it is asked for, or defaults and queues cannot be applied without it. */
function needsFrobnicator(config: JsonObject, plugins: readonly string[] | undefined): boolean {
  if (plugins?.length) return true;
  const policy = isJsonObject(config.policy) ? config.policy : {};
  const jobspec = isJsonObject(policy.jobspec) ? policy.jobspec : {};
  return jobspec.defaults !== undefined || config.queues !== undefined;
}

function applyArgument(settings: Mutable, arg: string): void {
  const [name = "", value = ""] = splitOnce(arg);
  switch (name) {
    case "validator-args":
      settings.validatorArgs = value.split(",");
      return;
    case "validator-plugins":
      settings.validatorPlugins = value.split(",");
      return;
    case "disable-validator":
      settings.isValidatorDisabled = true;
      return;
    case "batch-count":
      if (!/^\d+$/.test(value)) throw new FluxError("EINVAL", `Invalid batch-count: ${arg}`);
      settings.batchCount = Number(value);
      return;
    case "buffer-size":
      settings.bufferSize = sizeOf(value);
      return;
    case "max-fluid-generator-id":
      if (!/^\d+$/.test(value) || Number(value) >= 2 ** 14) {
        throw new FluxError("EINVAL", `Invalid max-fluid-generator-id: '${value}'`);
      }
      settings.maxGenerator = Number(value);
      return;
    case "allow-root-jobs":
      settings.allowRoot = true;
      return;
    default:
      throw new FluxError("EINVAL", `Invalid option: ${arg}`);
  }
}

function splitOnce(arg: string): [string, string] {
  const at = arg.indexOf("=");
  return at < 0 ? [arg, ""] : [arg.slice(0, at), arg.slice(at + 1)];
}

interface StageTable {
  readonly plugins: readonly string[] | undefined;
  readonly args: readonly string[] | undefined;
  readonly disable: boolean;
}

function stageOf(ingest: JsonObject, name: string): StageTable {
  const { plugins, args, disable = false } = tableOf(ingest[name], `ingest.${name}`);
  if (typeof disable !== "boolean") {
    throw refuse(`error parsing [ingest.${name}] config table: disable must be true or false`);
  }
  return {
    plugins: stringsOf(plugins, `error in [ingest.${name}] plugins array`),
    args: stringsOf(args, `error in [ingest.${name}] args array`),
    disable,
  };
}

function tableOf(value: Json | undefined, name: string): JsonObject {
  if (value === undefined) return {};
  if (isJsonObject(value)) return value;
  throw refuse(`error parsing [${name}] config table: Expected object`);
}

function stringsOf(value: Json | undefined, text: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const isStrings = Array.isArray(value) && value.every((item) => typeof item === "string");
  if (!isStrings) throw refuse(text);
  return value as string[];
}

function integerOf(value: Json, name: string): number {
  if (Number.isInteger(value)) return value as number;
  throw refuse(`error reading [ingest] config table: ${name} must be an integer`);
}

function sizeOf(value: Json): string {
  const match = typeof value === "string" && /^\d+(\.\d+)?([kKMG]?)$/.test(value);
  if (!match) throw refuse(`Invalid buffer-size: '${String(value)}'`);
  return value as string;
}

const refuse = (text: string): FluxError => new FluxError("EINVAL", text);
