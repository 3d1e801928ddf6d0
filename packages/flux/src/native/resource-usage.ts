import { FluxError } from "@flux-ts/protocol/rpc/error";
import { checked, libc, Os } from "./libc.ts";

/** The counters of getrusage(2) after the two times, in their order in C. */
const counters = [
  "maxrss",
  "ixrss",
  "idrss",
  "isrss",
  "minflt",
  "majflt",
  "nswap",
  "inblock",
  "oublock",
  "msgsnd",
  "msgrcv",
  "nsignals",
  "nvcsw",
  "nivcsw",
] as const;

/**
 * getrusage(2), by Flux's names: `utime` and `stime` in seconds, `maxrss` in kilobytes, else
 * counts.
 */
export type ResourceUsage = Record<"utime" | "stime" | (typeof counters)[number], number>;

const whos = {
  self: Os.RUSAGE_SELF,
  children: Os.RUSAGE_CHILDREN,
  thread: Os.RUSAGE_THREAD,
} as const;

/** What this process, its ended children, or this thread have used. EINVAL for another `who`. */
export function resourceUsage(who = "self"): ResourceUsage {
  if (!Object.hasOwn(whos, who)) {
    throw new FluxError("EINVAL", `rusage of "${who}" is unknown: use self, children or thread`);
  }
  const words = new BigInt64Array(18);
  checked(libc().getrusage(whos[who as keyof typeof whos], words), `rusage of ${who}`);
  const [utime, utimeMicro, stime, stimeMicro] = [...words.subarray(0, 4)].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const times = { utime: utime + utimeMicro * 1e-6, stime: stime + stimeMicro * 1e-6 };
  const counts = counters.map((name, i) => [name, Number(words[i + 4]!)] as const);
  return { ...times, ...Object.fromEntries(counts) } as ResourceUsage;
}
