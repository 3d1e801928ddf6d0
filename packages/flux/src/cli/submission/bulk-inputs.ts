import { readFileSync } from "node:fs";
import { readNamed } from "./key-values.ts";

const delimiter = ":::";

/** What `bulksubmit` makes jobs from. */
export interface BulkInputs {
  /** Words before the first delimiter. */
  readonly command: readonly string[];
  /** One list for each job. */
  readonly inputs: readonly (readonly string[])[];
}

/**
 * Take `COMMAND ::: a b ::: 1 2` apart, as GNU parallel does: `:::` before a list, `::::` before a
 * file with one, `:::+` before a list whose members go with those of the lists before, one each.
 * Without lists, inputs come from stdin.
 */
export function bulkInputs(words: readonly string[], separator: string | undefined): BulkInputs {
  const [command = [], ...lists] = splitBefore(words, (word) => word.startsWith(delimiter));
  const free: (readonly string[])[] = [];
  const linked: { readonly place: number; readonly list: readonly string[] }[] = [];
  for (const [place, [kind = "", ...list]] of lists.entries()) {
    if (kind === `${delimiter}+` || kind === `${delimiter}:+`) linked.push({ place, list });
    else if (kind === `${delimiter}:`) free.push(inputsOfFile(list, separator));
    else free.push(list);
  }
  const chosen = free.filter((list) => list.length > 0);
  if (chosen.length === 0) chosen.push(splitInputs(readFileSync(0, "utf8"), separator));
  const inputs = product(chosen);
  for (const { place, list } of linked) {
    if (list.length === 0) throw new Error(`no inputs after ${delimiter}+`);
    for (const [i, job] of inputs.entries()) job.splice(place, 0, list[i % list.length]!);
  }
  return { command, inputs };
}

/** What `--sep` says: with its escape sequences replaced; undefined for `none`, any white space. */
export function separatorOf(text: string): string | undefined {
  const separator = text.replace(/\\(x[0-9a-f]{2}|0|.)/gi, (_match, code: string) => {
    if (/^x../i.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return escapes[code] ?? `\\${code}`;
  });
  if (separator === "") throw new Error("empty separator");
  return separator.toLowerCase() === "none" ? undefined : separator;
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  0: "\0",
  "\\": "\\",
};

function splitBefore(words: readonly string[], isFirst: (word: string) => boolean): string[][] {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (isFirst(word)) parts.push([]);
    parts.at(-1)!.push(word);
  }
  return parts;
}

function inputsOfFile(names: readonly string[], separator: string | undefined): string[] {
  const [name] = names;
  if (names.length > 1) throw new Error(`Multiple args not allowed after ${delimiter}:`);
  if (name === undefined) throw new Error(`no file named after ${delimiter}:`);
  const text = name === "-" ? readFileSync(0, "utf8") : readNamed(name).toString("utf8");
  return splitInputs(text, separator);
}

function splitInputs(text: string, separator: string | undefined): string[] {
  return text.split(separator ?? /\s+/).filter((input) => input !== "");
}

/** Every way to take one of each list; the last list changes fastest. */
function product(lists: readonly (readonly string[])[]): string[][] {
  return lists.reduce<string[][]>(
    (jobs, list) => jobs.flatMap((job) => list.map((input) => [...job, input])),
    [[]],
  );
}
