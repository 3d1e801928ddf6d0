import { FluxError } from "@flux-ts/protocol/rpc/error";

/** Severities of RFC 5424 by the names that `log-level=` takes. */
const levels = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

export interface SchedOptions {
  /** Allocation requests that the job manager may have outstanding; Infinity is unlimited. */
  readonly queueDepth: number;
  /** Least severe messages that are logged. */
  readonly logLevel: number;
  /** Take over jobs only whole: a test aid of flux-core. */
  readonly partialOk: boolean;
}

/** Read module arguments. Throws EINVAL. */
export function parseOptions(args: readonly string[]): SchedOptions {
  let options: SchedOptions = { queueDepth: 8, logLevel: 6, partialOk: true };
  for (const arg of args) options = { ...options, ...parseOption(arg) };
  return options;
}

function parseOption(arg: string): Partial<SchedOptions> {
  const equals = arg.indexOf("=");
  const name = equals < 0 ? arg : arg.slice(0, equals);
  const value = equals < 0 ? "" : arg.slice(equals + 1);
  if (name === "queue-depth") return { queueDepth: depth(value, name) };
  if (arg === "mode=unlimited") return { queueDepth: Infinity };
  if (arg.startsWith("mode=limited=")) {
    return { queueDepth: depth(value.slice("limited=".length), "mode=limited=") };
  }
  if (name === "log-level") return { logLevel: level(value) };
  if (name === "pool-class") fail(`pool-class='${value}': could not load pool class`);
  if (arg === "test-hello-nopartial") return { partialOk: false };
  return fail(`unknown argument '${arg}': built-in options are queue-depth, log-level, pool-class`);
}

function depth(value: string, name: string): number {
  if (value === "unlimited" && name === "queue-depth") return Infinity;
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  return fail(
    name === "queue-depth"
      ? `queue-depth='${value}' is invalid: expected a positive integer or 'unlimited'`
      : `mode=limited= requires a positive integer, got '${value}'`,
  );
}

function level(value: string): number {
  const index = levels.indexOf(value.toLowerCase());
  if (index >= 0) return index;
  return fail(`log-level='${value}' is invalid: expected one of ${levels.join(", ")}`);
}

function fail(text: string): never {
  throw new FluxError("EINVAL", text);
}
