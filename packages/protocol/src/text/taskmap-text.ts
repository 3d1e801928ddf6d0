/** Reads the text forms of task maps (RFC 34, RFC 13). */
import { FluxError } from "../rpc/error.ts";
import { parseJson } from "../schema/json.ts";
import { Idset } from "./idset.ts";

/** Where the next tasks are: `ppn` on each of `nnodes` nodes from `nodeid` on. */
export type TaskPlacement = readonly [nodeid: number, nnodes: number, ppn: number];

/** What task map text says: the value of the JSON forms, or placements in order of tasks. */
export type TaskmapText =
  | { readonly json: unknown; readonly placements?: never }
  | { readonly json?: never; readonly placements: readonly TaskPlacement[] };

/** Reads a task map in whichever form it is written. Throws EINVAL. */
export function parseTaskmapText(text: string): TaskmapText {
  if (text === "" || text.includes("vector,")) return { placements: parsePmi(text) };
  if (!/[({[\]})]/.test(text)) return { placements: parseRaw(text) };
  try {
    return { json: parseJson(text) };
  } catch (cause) {
    throw new FluxError("EINVAL", `taskmap '${text}' is no valid JSON`, { cause });
  }
}

/** PMI_process_mapping (RFC 13): `(vector,(nodeid,nnodes,ppn),...)`. */
function parsePmi(text: string): TaskPlacement[] {
  const match = /^\s*\(\s*vector,\s*(.*?)\s*\)\s*$/s.exec(text);
  if (text !== "" && !match) throw new FluxError("EINVAL", `unable to parse taskmap: ${text}`);
  const list = match?.[1] ?? "";
  const block = /\(\s*(\d{1,10})\s*,\s*(\d{1,10})\s*,\s*(\d{1,10})\s*\)\s*(?:,\s*|$)/y;
  const placements: TaskPlacement[] = [];
  for (let start = 0; start < list.length; start = block.lastIndex) {
    const found = block.exec(list);
    if (!found) throw new FluxError("EINVAL", `unable to parse block: ${list.slice(start)}`);
    placements.push([Number(found[1]), Number(found[2]), Number(found[3])]);
  }
  return placements;
}

/** The idset of each node in order, `0-1;2-3`. An empty one is a node without tasks. */
function parseRaw(text: string): TaskPlacement[] {
  const runs: { first: number; last: number; nodeid: number }[] = [];
  for (const [nodeid, ids] of text.split(";").entries()) {
    for (const [first, last] of Idset.parse(ids).ranges()) runs.push({ first, last, nodeid });
  }
  runs.sort((a, b) => a.first - b.first);
  let next = 0;
  return runs.map(({ first, last, nodeid }) => {
    if (first < next) {
      throw new FluxError("EINVAL", `duplicate ${taskids(first, Math.min(last, next - 1))}`);
    }
    if (first > next) throw new FluxError("EINVAL", `missing ${taskids(next, first - 1)}`);
    next = last + 1;
    return [nodeid, 1, last - first + 1];
  });
}

function taskids(first: number, last: number): string {
  return first === last ? `taskid: ${first}` : `taskids: ${first}-${last}`;
}
