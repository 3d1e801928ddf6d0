/** The text form of hostlists (RFC 29): `login,node[08-11]-ib,gpu[1,3]`. */
import { FluxError } from "../rpc/error.ts";
import {
  countHosts,
  formatNumbers,
  type HostRange,
  hostAt,
  parseNumbers,
  singleHost,
} from "./host-range.ts";

/** Most hosts with a text after their number in one hostlist: they cannot be held as ranges. */
const MAX_SUFFIXED = 2 ** 20;

/**
 * The ranges that hostlist text lists, in its order. Expressions are separated by commas or blanks.
 * Zero padding belongs to each id, as in flux-core: `foo[01,1]` is foo01 and foo1.
 * @throws FluxError EINVAL
 */
export function parseHostRanges(text: string): HostRange[] {
  const ranges: HostRange[] = [];
  let suffixed = 0;
  for (const expression of expressions(text)) {
    const match = /^([^[\]]*)(?:\[([^[\]]*)\](.*))?$/s.exec(expression);
    const [, prefix = "", ids, suffix = ""] = match ?? [];
    if (!match || !isName(prefix + suffix)) {
      throw new FluxError("EINVAL", `invalid hostlist expression '${expression}'`);
    }
    if (ids === undefined) {
      ranges.push(singleHost(prefix));
      continue;
    }
    for (const id of ids.split(",")) {
      const range = parseNumbers(prefix, id);
      if (suffix === "") {
        ranges.push(range);
        continue;
      }
      suffixed += countHosts(range);
      if (suffixed > MAX_SUFFIXED) throw new FluxError("EINVAL", "hostlist has too many hosts");
      for (let i = 0; i < countHosts(range); i++) ranges.push(literal(hostAt(range, i) + suffix));
    }
  }
  return ranges;
}

/** The shortest text: neighbours with the same prefix share brackets. */
export function formatHostRanges(ranges: readonly HostRange[]): string {
  const expressions: string[] = [];
  for (let i = 0; i < ranges.length; ) {
    const first = ranges[i]!;
    const ids = [formatNumbers(first)];
    for (i++; i < ranges.length && sharesBrackets(first, ranges[i]!); i++) {
      ids.push(formatNumbers(ranges[i]!));
    }
    const single = ids.length === 1 && countHosts(first) === 1;
    expressions.push(single ? first.prefix + ids[0] : `${first.prefix}[${ids.join(",")}]`);
  }
  return expressions.join(",");
}

function sharesBrackets(a: HostRange, b: HostRange): boolean {
  return a.numbers !== undefined && b.numbers !== undefined && a.prefix === b.prefix;
}

/** Splits at separators outside brackets. */
function* expressions(text: string): IterableIterator<string> {
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    const char = text[i];
    if (char === "[") depth++;
    else if (char === "]") depth--;
    const ends = char === undefined || (depth === 0 && /[,\t ]/.test(char));
    if (!ends) continue;
    if (i > start) yield text.slice(start, i);
    start = i + 1;
  }
}

/** A name that is not to be taken apart, such as `node1-ib` or `r0n[0-1]`. */
function literal(name: string): HostRange {
  return { prefix: name };
}

/** RFC 29 wants visible characters; letters beyond ASCII pass, since some host names have them. */
function isName(text: string): boolean {
  return !/[\s\p{Cc}]/u.test(text) && balanced(text);
}

/** Brackets after the first pair stand for themselves (`r[0-1]n[0-1]`), but must be pairs. */
function balanced(text: string): boolean {
  return !/[[\]]/.test(text.replace(/\[[^[\]]*\]/g, ""));
}
