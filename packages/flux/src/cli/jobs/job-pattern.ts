import { type JobId, parseJobId } from "@flux-ts/protocol/job/fluid";
import type { JobListing } from "@flux-ts/protocol/services/job-list";

/** What `flux pgrep` looks for: a name, a range of ids, or both. */
export class JobPattern {
  readonly #name: RegExp | undefined;
  readonly #ids: readonly JobId[] = [];

  /** `ID..ID`, a regular expression, or `name:EXPRESSION`. Throws Error if it makes no sense. */
  constructor(expressions: readonly string[]) {
    for (const given of expressions) {
      const ids = idRange(given);
      if (ids) {
        this.#ids = ids;
        continue;
      }
      if (this.#name) throw new Error("Only one pattern can be provided");
      this.#name = pythonRegExp(given.replace(/^name:/, ""));
    }
  }

  matches({ id, name = "" }: JobListing): boolean {
    if (this.#name && !this.#name.test(name)) return false;
    const [first, last] = this.#ids;
    return first === undefined || last === undefined || (first <= id && id <= last);
  }
}

/** The ids of `ID..ID`; undefined for anything else, which is a pattern then. */
function idRange(given: string): JobId[] | undefined {
  if (given.includes(":") || !given.includes("..")) return undefined;
  try {
    return given.split("..").map(parseJobId);
  } catch {
    return undefined;
  }
}

/** Python's notation where it differs from ours: named groups, and flags at the start. */
function pythonRegExp(given: string): RegExp {
  const [, flags = "", rest = ""] = /^(?:\(\?([aimsux]+)\))?(.*)$/s.exec(given) ?? [];
  const source = rest
    .replaceAll("(?P<", "(?<")
    .replace(/\(\?P=(\w+)\)/g, "\\k<$1>")
    .replaceAll("\\Z", "$(?![\\s\\S])")
    .replaceAll("\\A", "^");
  return new RegExp(source, flags.replace(/[^ims]/g, ""));
}
