import { parseSignal } from "@flux-ts/protocol/job/signal";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { parseDuration } from "@flux-ts/protocol/text/duration";

/** Settings of job execution: the `[exec]` table and module arguments (wire-jobs §7.3). Seconds. */
export interface ExecConfig {
  readonly imp: string | undefined;
  readonly service: string;
  readonly method: string;
  readonly jobShell: string | undefined;
  readonly killTimeout: number;
  readonly maxKillCount: number;
  readonly maxKillTimeout: number | undefined;
  readonly termSignal: number;
  readonly killSignal: number;
  /** Undefined: for ever. */
  readonly barrierTimeout: number | undefined;
  readonly shellExitTimeout: number | undefined;
  readonly maxStartDelayPercent: number;
  readonly testexecAllowGuests: boolean;
  /** Run the owner's jobs in the resident shell process. */
  readonly residentShell: boolean;
}

const sigterm = 15;
const sigkill = 9;

type Reader = (value: Json, key: string) => Json | undefined;
const text: Reader = (value, key) => (typeof value === "string" ? value : refuse(key, "a string"));
const duration: Reader = (value, key) =>
  typeof value === "string" ? finite(parseDuration(value)) : refuse(key, "a duration");
const durationOrNone: Reader = (value, key) =>
  value === "none" ? undefined : duration(value, key);
const durationOrOff: Reader = (value, key) => duration(value, key) || undefined;
const signal: Reader = (value, key) =>
  typeof value === "string" ? parseSignal(value) : refuse(key, "a signal name");
const count: Reader = (value, key) => {
  const number = Number(value);
  return Number.isInteger(number) && number >= 0 ? number : refuse(key, "a count");
};
const percent: Reader = (value, key) => {
  const number = Number(value);
  return number >= 0 ? number : refuse(key, "a percentage");
};
const flag: Reader = (value, key) =>
  typeof value === "boolean" ? value : refuse(key, "true or false");

const keys: Readonly<Record<string, readonly [field: keyof ExecConfig, reader: Reader]>> = {
  imp: ["imp", text],
  service: ["service", text],
  method: ["method", text],
  "job-shell": ["jobShell", text],
  "kill-timeout": ["killTimeout", duration],
  "max-kill-count": ["maxKillCount", count],
  "max-kill-timeout": ["maxKillTimeout", duration],
  "term-signal": ["termSignal", signal],
  "kill-signal": ["killSignal", signal],
  "barrier-timeout": ["barrierTimeout", durationOrOff],
  "shell-exit-timeout": ["shellExitTimeout", durationOrNone],
  "max-start-delay-percent": ["maxStartDelayPercent", percent],
  "resident-shell": ["residentShell", flag],
};

const defaults: ExecConfig = {
  imp: undefined,
  service: "rexec",
  method: "bulk-exec",
  jobShell: undefined,
  killTimeout: 5,
  maxKillCount: 8,
  maxKillTimeout: undefined,
  termSignal: sigterm,
  killSignal: sigkill,
  barrierTimeout: 1800,
  shellExitTimeout: 30,
  maxStartDelayPercent: 25,
  testexecAllowGuests: false,
  residentShell: true,
};

/** Read the configuration; module arguments (`kill-timeout=1s`) win. Throws EINVAL naming the key. */
export function execConfig(config: JsonObject, args: readonly string[]): ExecConfig {
  const { exec = {} } = config;
  if (!isJsonObject(exec)) throw new FluxError("EINVAL", "[exec] must be a table");
  const result: Record<string, Json | undefined> = { ...defaults };
  for (const [key, value] of Object.entries(exec)) {
    const entry = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (entry && value !== undefined) result[entry[0]] = entry[1](value, `exec.${key}`);
  }
  const { testexec } = exec;
  if (isJsonObject(testexec)) result.testexecAllowGuests = testexec["allow-guests"] === true;
  for (const arg of args) {
    const equals = arg.indexOf("=");
    const entry = Object.hasOwn(keys, arg.slice(0, equals))
      ? keys[arg.slice(0, equals)]
      : undefined;
    if (!entry) throw new FluxError("EINVAL", `Unknown module option: ${arg}`);
    result[entry[0]] = entry[1](arg.slice(equals + 1), arg.slice(0, equals));
  }
  return result as unknown as ExecConfig;
}

function finite(seconds: number): number | undefined {
  return Number.isFinite(seconds) ? seconds : undefined;
}

function refuse(key: string, expected: string): never {
  throw new FluxError("EINVAL", `${key}: expected ${expected}`);
}
