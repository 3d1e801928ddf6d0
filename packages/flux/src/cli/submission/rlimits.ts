import { CommandError } from "../usage-error.ts";
import { globPattern } from "./glob.ts";

/** Limits by name in lower case; -1 is unlimited. */
export type Limits = Record<string, number>;

/** Names as the job shell knows them, by those in `/proc/PID/limits`, in the C library's order. */
const names: readonly (readonly [name: string, label: string])[] = [
  ["cpu", "Max cpu time"],
  ["fsize", "Max file size"],
  ["data", "Max data size"],
  ["stack", "Max stack size"],
  ["core", "Max core file size"],
  ["nofile", "Max open files"],
  ["ofile", "Max open files"],
  ["as", "Max address space"],
  ["rss", "Max resident set"],
  ["nproc", "Max processes"],
  ["memlock", "Max locked memory"],
  ["msgqueue", "Max msgqueue size"],
  ["nice", "Max nice priority"],
  ["rtprio", "Max realtime priority"],
  ["rttime", "Max realtime timeout"],
  ["sigpending", "Max pending signals"],
];

/** Not handed on to jobs unless that is asked for. */
const defaultRules = [
  "-memlock",
  "-ofile",
  "-msgqueue",
  "-nice",
  "-rtprio",
  "-rttime",
  "-sigpending",
];

/** Soft limits from the text of `/proc/PID/limits`. */
export function parseLimits(text: string): Limits {
  const limits: Limits = {};
  for (const [name, label] of names) {
    const line = text.split("\n").find((each) => each.startsWith(label));
    const soft = line?.slice(label.length).trim().split(/\s+/)[0];
    if (soft !== undefined) limits[name] = soft === "unlimited" ? -1 : Number(soft);
  }
  return limits;
}

/**
 * Limits for a job: all of the caller's that are handed on by default, changed by rules `-GLOB`,
 * `NAME` and `NAME=VALUE`, each perhaps several with commas.
 */
export function applyRlimitRules(rules: readonly string[], current: Limits): Limits {
  const limits: Limits = { ...current };
  for (const rule of [...defaultRules, ...rules.flatMap((each) => each.split(","))]) {
    const [name = "", value] = splitOnce(rule);
    if (rule.startsWith("-")) {
      const pattern = globPattern(rule.slice(1).toLowerCase());
      for (const each of Object.keys(limits)) if (pattern.test(each)) delete limits[each];
    } else if (value === undefined) {
      Object.assign(limits, matching(name, current));
    } else {
      if (!names.some(([known]) => known === name.toLowerCase())) {
        throw new CommandError(`Invalid rlimit "${name}"`);
      }
      limits[name.toLowerCase()] = limitOf(value, rule);
    }
  }
  return limits;
}

function matching(name: string, current: Limits): Limits {
  const pattern = globPattern(name.toLowerCase());
  const found = Object.entries(current).filter(([each]) => pattern.test(each));
  if (found.length === 0) {
    throw new CommandError(`No corresponding rlimit matching "${name.toLowerCase()}"`);
  }
  return Object.fromEntries(found);
}

function limitOf(value: string, rule: string): number {
  if (value === "unlimited" || value === "infinity" || value === "inf") return -1;
  if (!/^\s*[-+]?\d+\s*$/.test(value)) throw new CommandError(`Invalid value in ${rule}`);
  return Number(value);
}

function splitOnce(text: string): [string, string?] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text] : [text.slice(0, equals), text.slice(equals + 1)];
}
