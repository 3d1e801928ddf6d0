import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json } from "@flux-ts/protocol/schema/json";
import { Idset } from "@flux-ts/protocol/text/idset";

export interface PtyOption {
  /** Tasks that get a terminal. */
  readonly ranks: Idset;
  /** What the terminals show goes where the tasks' output goes. */
  readonly capture: boolean;
  /** A client will attach to the terminal of task 0. */
  readonly interactive: boolean;
}

/**
 * Option `pty`: bare, or `{ranks, capture, interactive}`. Without ranks all tasks get a terminal;
 * of an interactive job the first one. EINVAL for something else.
 */
export function ptyOption(option: Json, ntasks: number): PtyOption {
  const all = ntasks > 0 ? Idset.range(0, ntasks - 1) : new Idset();
  if (!isJsonObject(option)) return { ranks: all, capture: true, interactive: false };
  const { ranks, capture, interactive, ...others } = option;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new FluxError("EINVAL", `invalid shell pty option: ${unknown}`);
  }
  const isInteractive = Boolean(interactive);
  const given = ranks ?? (isInteractive ? "0" : "all");
  const wanted = given === "all" ? all : Idset.parse(String(given)).intersect(all);
  return {
    ranks: isInteractive ? wanted.union(Idset.of(0)) : wanted,
    capture: capture === undefined ? !isInteractive : Boolean(capture),
    interactive: isInteractive,
  };
}
