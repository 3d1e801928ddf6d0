import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";

/**
 * Processes of a job as tools for parallel debuggers get them (wire-jobs appendix C), in short form
 * for jobs of many tasks.
 */
export interface ProcessEntry {
  readonly taskid: number;
  readonly host: string;
  readonly executable: string;
  readonly pid: number;
  /** Of its broker. */
  readonly rank: number;
}

/** More entries than any job has; text that claims to have more is refused. */
const maxEntries = 10_000_000;

export function encodeProctable(entries: readonly ProcessEntry[]): JsonObject {
  return {
    hosts: encodeNames(entries.map(({ host }) => host)),
    executables: encodeNames(entries.map(({ executable }) => executable)),
    ids: encodeNumbers(entries.map(({ taskid }) => taskid)),
    pids: encodeNumbers(entries.map(({ pid }) => pid)),
    ranks: encodeNumbers(entries.map(({ rank }) => rank)),
  };
}

/** EPROTO for something else. */
export function decodeProctable({
  hosts,
  executables,
  ids,
  pids,
  ranks,
}: JsonObject): ProcessEntry[] {
  const taskids = decodeNumbers(ids);
  const columns = {
    host: decodeNames(hosts),
    executable: decodeNames(executables),
    pid: decodeNumbers(pids),
    rank: decodeNumbers(ranks),
  };
  const lengths = Object.values(columns).map((column) => column.length);
  if (lengths.some((length) => length !== taskids.length)) throw malformed();
  return taskids.map((taskid, i) => ({
    taskid,
    host: columns.host[i]!,
    executable: columns.executable[i]!,
    pid: columns.pid[i]!,
    rank: columns.rank[i]!,
  }));
}

/**
 * Numbers as a list of entries: the difference to the number before; `[d, n]`: n more follow, each
 * one larger; `[d, -n]`: n more follow that are equal.
 */
export function encodeNumbers(numbers: readonly number[]): Json[] {
  const entries: Json[] = [];
  let before = 0;
  for (let i = 0; i < numbers.length; ) {
    const first = numbers[i]!;
    let step = 0;
    let count = 0;
    for (; i + count + 1 < numbers.length; count++) {
      const difference = numbers[i + count + 1]! - numbers[i + count]!;
      if (count === 0) step = difference;
      if (difference !== step || (step !== 0 && step !== 1)) break;
    }
    const delta = first - before;
    entries.push(count === 0 ? delta : [delta, step === 1 ? count : -count]);
    before = numbers[i + count]!;
    i += count + 1;
  }
  return entries;
}

/** A third number in an entry says how many more times it is applied. */
export function decodeNumbers(list: Json | undefined): number[] {
  if (!Array.isArray(list)) throw malformed();
  const numbers: number[] = [];
  let last = 0;
  for (const entry of list) {
    const [delta, count = 0, repeat = 0] = Array.isArray(entry) ? entry : [entry];
    if (![delta, count, repeat].every(Number.isSafeInteger)) throw malformed();
    const total = (Math.abs(Number(count)) + 1) * (Number(repeat) + 1);
    if (numbers.length + total > maxEntries) throw malformed();
    for (let i = 0; i <= Number(repeat); i++) {
      last += Number(delta);
      numbers.push(last);
      for (let j = 0; j < Math.abs(Number(count)); j++) {
        if (Number(count) > 0) last++;
        numbers.push(last);
      }
    }
  }
  return numbers;
}

/** Names as prefixes with lists of the numbers they end in; -1 for none. */
export function encodeNames(names: readonly string[]): Json[] {
  const groups: { prefix: string; suffixes: number[] }[] = [];
  for (const name of names) {
    const { prefix, suffix } = split(name);
    const last = groups.at(-1);
    if (last?.prefix === prefix) last.suffixes.push(suffix);
    else groups.push({ prefix, suffixes: [suffix] });
  }
  return groups.map(({ prefix, suffixes }) =>
    suffixes.length === 1 ? join(prefix, suffixes[0]!) : [prefix, encodeNumbers(suffixes)],
  );
}

export function decodeNames(list: Json | undefined): string[] {
  if (!Array.isArray(list)) throw malformed();
  return list.flatMap((entry) => {
    if (typeof entry === "string") return [entry];
    const [prefix, suffixes] = Array.isArray(entry) ? entry : [];
    if (typeof prefix !== "string") throw malformed();
    return decodeNumbers(suffixes).map((suffix) => join(prefix, suffix));
  });
}

/** Leading zeros belong to the prefix, since numbers cannot show them. */
function split(name: string): { prefix: string; suffix: number } {
  const digits = /(?:0|[1-9]\d{0,8})$/.exec(name)?.[0];
  if (digits === undefined) return { prefix: name, suffix: -1 };
  return { prefix: name.slice(0, -digits.length), suffix: Number(digits) };
}

function join(prefix: string, suffix: number): string {
  return suffix < 0 ? prefix : `${prefix}${suffix}`;
}

function malformed(): FluxError {
  return new FluxError("EPROTO", "malformed process table");
}
