import type { DirEntries, TreeObject } from "@flux-ts/protocol/kvs/treeobj";
import { compareUtf8 } from "@flux-ts/protocol/text/utf8";
import type { Environment } from "../../environment.ts";
import { int } from "../../option.ts";
import type { Output } from "../../output/output.ts";

/** `-w, --width`. */
export const widthOption = int("-w, --width=", "Set output width to COLS.  0 means no limit");

/** Width of the output: what was asked for, the terminal's, COLUMNS or 80. 0: no limit. */
export function widthOf(asked: number | undefined, out: Output, env: Environment): number {
  if (asked !== undefined && asked >= 0) return asked;
  if (out.isTerminal) return out.columns;
  const columns = Number.parseInt(env.COLUMNS ?? "", 10);
  return columns >= 0 ? columns : 80;
}

/** Entries in the order of their names' bytes. */
export function sortedEntries(entries: DirEntries): [string, TreeObject][] {
  return Object.entries(entries).sort(([a], [b]) => compareUtf8(a, b));
}

export const isDirectory = ({ type }: TreeObject): boolean => type === "dir" || type === "dirref";

/** The key of an entry of the directory at `key`. */
export function keyAt(key: string, name: string): string {
  if (key === ".") return name;
  return key.endsWith(".") ? key + name : `${key}.${name}`;
}

/** Words in columns as wide as the longest name, as many as fit. `shown` may be longer than its name. */
export function columnLines(
  words: readonly { name: string; shown: string }[],
  width: number,
): string {
  const column = Math.max(0, ...words.map(({ name }) => byteLength(name))) + 4;
  let text = "";
  let at = 0;
  let last = 0;
  for (const { shown } of words) {
    if (width !== 0 && at > 0 && at + column > width) {
      text += "\n";
      at = 0;
    } else if (last > 0) {
      text += " ".repeat(Math.max(0, column - last));
    }
    text += shown;
    last = byteLength(shown);
    at += column;
  }
  return at > 0 ? `${text}\n` : text;
}

const byteLength = (text: string): number => Buffer.byteLength(text);
