import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject } from "@flux-ts/protocol/schema/json";
import { LogLevel } from "../log-level.ts";
import type { Shell } from "../shell.ts";

const defaultSeconds = 0.5;

/**
 * Option `batch-timeout` of `input` or `output`: how long events may be gathered before they are
 * written to the job's log. EINVAL if it is no number.
 */
export function applyBatchTimeout(shell: Shell, name: "input" | "output", component: string): void {
  const option = shell.options.get(name);
  const given = isJsonObject(option) ? option["batch-timeout"] : undefined;
  if (given !== undefined && (typeof given !== "number" || given < 0)) {
    throw new FluxError("EINVAL", `invalid ${name}.batch-timeout option`);
  }
  if (given !== undefined) shell.guest.limitBatch(given);
  const what = name === "input" ? "input batch timeout" : "batch timeout";
  const seconds = (given ?? defaultSeconds).toFixed(3);
  shell.log(LogLevel.Debug, `${what} = ${seconds}s`, component);
}
