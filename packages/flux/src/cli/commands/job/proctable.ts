import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";

/** A task of a job, as parallel debuggers (MPIR) see it. */
export interface ProctableEntry {
  readonly host: string;
  readonly executable: string;
  readonly pid: number;
}

const refuse = (what: string): FluxError => new FluxError("EPROTO", `proctable: ${what}`);

/** The tasks in a job shell's process table, by id (wire-jobs, appendix C). */
export function decodeProctable(table: JsonObject): ProctableEntry[] {
  const ids = rangelist(table.ids);
  const hosts = nodelist(table.hosts);
  const executables = nodelist(table.executables);
  const pids = rangelist(table.pids);
  const tasks: ProctableEntry[] = [];
  for (const [i, id] of ids.entries()) {
    const [host, executable, pid] = [hosts[i], executables[i], pids[i]];
    if (host === undefined || executable === undefined || pid === undefined) {
      throw refuse("lists of different lengths");
    }
    tasks[id] = { host, executable, pid };
  }
  return tasks;
}

/**
 * Integers as differences from the one before: `d`, `[d, n]` a run of n+1 consecutive ones, `[d, -n]`
 * the same one n+1 times; a third member repeats the whole.
 */
function rangelist(json: Json | undefined): number[] {
  if (!Array.isArray(json)) throw refuse("expected a list of ranges");
  const values: number[] = [];
  let last = 0;
  for (const entry of json) {
    const [delta, length = 0, repeat = 0] = Array.isArray(entry)
      ? entry.map(Number)
      : [Number(entry)];
    if (delta === undefined || Number.isNaN(delta)) throw refuse("a range is not a number");
    for (let round = 0; round <= repeat; round++) {
      const first = last + delta;
      const count = Math.abs(length);
      for (let i = 0; i <= count; i++) values.push(length > 0 ? first + i : first);
      last = length > 0 ? first + count : first;
    }
  }
  return values;
}

/** Names: themselves, or a prefix and the numbers that follow it (-1: none). */
function nodelist(json: Json | undefined): string[] {
  if (!Array.isArray(json)) throw refuse("expected a list of names");
  return json.flatMap((entry) => {
    if (typeof entry === "string") return [entry];
    const [prefix, suffixes] = Array.isArray(entry) ? entry : [];
    if (typeof prefix !== "string") throw refuse("a name is not a string");
    return rangelist(suffixes).map((suffix) => (suffix < 0 ? prefix : `${prefix}${suffix}`));
  });
}
