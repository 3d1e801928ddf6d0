import { checked, libc, Os } from "./libc.ts";

/** Receive the orphans among our descendants, in place of init; reap them (orphans.ts). */
export function setChildSubreaper(enabled: boolean): void {
  checked(libc().prctl(Os.PR_SET_CHILD_SUBREAPER, enabled ? 1 : 0), "child subreaper");
}

/** setsid(2): a session of our own, without a terminal. Throws EPERM for a process group leader. */
export function becomeSessionLeader(): void {
  checked(libc().setsid(), "setsid");
}

/** kill(2). Throws ESRCH if there is no such process, EPERM, or EINVAL for an unknown signal. */
export function killProcess(pid: number, signum: number): void {
  checked(libc().kill(pid, signum), `kill of process ${pid}`);
}

/** killpg(2): a signal to every process of a group. Throws ESRCH if it has none left. */
export function killGroup(group: number, signum: number): void {
  checked(libc().kill(-group, signum), `kill of process group ${group}`);
}
