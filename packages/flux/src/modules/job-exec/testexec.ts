import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import { parseDuration } from "@flux-ts/protocol/text/duration";

/** Simulated execution, asked for by `attributes.system.exec.test` (RFC 32 knows nothing of it). */
export interface TestExec {
  /** Seconds the job pretends to run; undefined: until its duration is over. */
  readonly runDuration: number | undefined;
  /** wait(2) status it ends with. */
  readonly waitStatus: number;
  /** `init`, `starting` or `run`: raise an exception there. */
  readonly mockException: string | undefined;
  /** Start and finish wait for `job-exec.override`. */
  readonly override: boolean;
  readonly reattachFinish: boolean;
}

/** The simulation that a jobspec asks for, if it does. Throws EINVAL. */
export function testExecOf(jobspec: JsonObject): TestExec | undefined {
  const test = member(member(member(jobspec, "attributes"), "system"), "exec")?.test;
  if (test === undefined) return undefined;
  if (!isJsonObject(test)) throw new FluxError("EINVAL", "exec.test must be an object");
  const { run_duration, wait_status = 0, mock_exception, override, reattach_finish } = test;
  return {
    runDuration: run_duration === undefined ? undefined : seconds(run_duration),
    waitStatus: Number(wait_status),
    mockException: typeof mock_exception === "string" ? mock_exception : undefined,
    override: override === 1 || override === true,
    reattachFinish: reattach_finish === 1 || reattach_finish === true,
  };
}

function seconds(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "string") return parseDuration(value);
  throw new FluxError("EINVAL", "exec.test.run_duration must be a duration");
}

function member(object: JsonObject | undefined, key: string): JsonObject | undefined {
  const value = object?.[key];
  return isJsonObject(value) ? value : undefined;
}
