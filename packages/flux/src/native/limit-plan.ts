import { existsSync } from "node:fs";
import { type Rlimit, type RlimitName, rlimit, setRlimit } from "./rlimit.ts";

/**
 * Soft resource limits for one child. posix_spawn(3) cannot set them in the child, so the parent's
 * are changed while it starts the child; where that would hurt the parent itself (it has threads
 * that go on working), the child is started through prlimit(1) or a shell, which sets them and then
 * becomes it.
 */
export type SoftLimits = Readonly<Partial<Record<RlimitName, number>>>;

export interface LimitPlan {
  /** Limits to change in the parent around the spawn. */
  readonly own: readonly (readonly [RlimitName, number])[];
  /** What to put before the command; empty if nothing is needed. */
  readonly prefix: readonly string[];
}

/** Lowering one of these cannot fail anything in a parent that goes on for a millisecond. */
const harmless: ReadonlySet<RlimitName> = new Set([
  "core",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
]);

/** Options of a POSIX shell's `ulimit`, and the bytes of its unit. */
const ulimits: Partial<Record<RlimitName, readonly [option: string, unit: number]>> = {
  cpu: ["t", 1],
  fsize: ["f", 512],
  data: ["d", 1024],
  stack: ["s", 1024],
  nproc: ["p", 1],
  nofile: ["n", 1],
  as: ["v", 1024],
};

/**
 * How to start a child with these soft limits, given the parent's. Values above the hard limit
 * become the hard limit, as in flux-core. `mayChangeOwn`: the parent's may be changed for a moment.
 */
export function planLimits(
  wanted: SoftLimits,
  current: (name: RlimitName) => Rlimit,
  prlimitFile: string | undefined,
  mayChangeOwn = true,
): LimitPlan {
  const own: [RlimitName, number][] = [];
  const outside: [RlimitName, number][] = [];
  for (const [name, value] of Object.entries(wanted) as [RlimitName, number][]) {
    const { soft, hard } = current(name);
    const next = exceeds(value, hard) ? hard : value;
    if (next === soft) continue;
    if (mayChangeOwn && (exceeds(next, soft) || harmless.has(name))) own.push([name, next]);
    else outside.push([name, next]);
  }
  return { own, prefix: outside.length === 0 ? [] : prefixOf(outside, prlimitFile) };
}

function prefixOf(limits: [RlimitName, number][], prlimitFile: string | undefined): string[] {
  if (prlimitFile !== undefined) {
    return [prlimitFile, ...limits.map(([name, value]) => `--${name}=${value}:`), "--"];
  }
  const commands = limits.flatMap(([name, value]) => {
    const ulimit = ulimits[name];
    return ulimit ? [`ulimit -S -${ulimit[0]} ${Math.floor(value / ulimit[1])} && `] : [];
  });
  return ["/bin/sh", "-c", `${commands.join("")}exec "$@"`, "sh"];
}

function exceeds(value: number, limit: number): boolean {
  return limit !== -1 && (value === -1 || value > limit);
}

let prlimitFile: string | false | undefined;

/** The plan on this machine, for this process as the parent. */
export function limitPlan(wanted: SoftLimits, { mayChangeOwn = true } = {}): LimitPlan {
  prlimitFile ??= ["/usr/bin/prlimit", "/bin/prlimit"].find((file) => existsSync(file)) ?? false;
  return planLimits(wanted, (name) => rlimit(name), prlimitFile || undefined, mayChangeOwn);
}

/** Run `action`, which must not wait for anything, with these soft limits in this process. */
export function withLimits<T>(limits: LimitPlan["own"], action: () => T): T {
  const before = limits.map(([name]) => [name, rlimit(name).soft] as const);
  try {
    for (const [name, soft] of limits) setRlimit(name, { soft });
    return action();
  } finally {
    for (const [name, soft] of before) setRlimit(name, { soft });
  }
}
