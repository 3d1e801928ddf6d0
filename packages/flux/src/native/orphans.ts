import { readdirSync, readFileSync } from "node:fs";
import { libc, Os } from "./libc.ts";
import { watchForeignChildren } from "./wait.ts";

/** A child that has ended is an orphan if nobody has taken its status within this time. */
const graceMs = 1000;

/**
 * Reap the orphans that come to us as a child subreaper. Nothing tells them from children of libuv
 * or another thread, except that those are soon taken by whoever waits for them. Main thread only.
 */
export function reapOrphans(): void {
  let suspects = new Set<number>();
  let scheduled = false;
  const sweep = (): void => {
    scheduled = false;
    const ended = endedChildren();
    const status = new Int32Array(1);
    for (const pid of ended) {
      if (suspects.has(pid)) libc().waitpid(pid, status, Os.WNOHANG);
    }
    const fresh = ended.filter((pid) => !suspects.has(pid));
    suspects = new Set(fresh);
    if (fresh.length > 0) schedule();
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setTimeout(sweep, graceMs).unref();
  };
  watchForeignChildren(schedule);
  schedule();
}

/** Our children that have ended and whose status nobody has taken. */
function endedChildren(): number[] {
  const tasks = readdirSync("/proc/self/task");
  const pids = tasks.flatMap((task) => words(`/proc/self/task/${task}/children`));
  return pids.map(Number).filter(hasEnded);
}

function hasEnded(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  // The name before the state is in parentheses, and may contain any character.
  return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
}

function words(path: string): string[] {
  return read(path)
    .split(" ")
    .filter((word) => word !== "");
}

/** A file of /proc, or nothing: threads and processes end while we look. */
function read(path: string): string {
  try {
    return readFileSync(path, "latin1").trim();
  } catch {
    return "";
  }
}
