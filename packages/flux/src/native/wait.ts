import { isMainThread } from "node:worker_threads";
import { Errno } from "@flux-ts/protocol/rpc/errno";
import { lastErrno, libc, Os } from "./libc.ts";
import { closeFd } from "./pipe.ts";
import { FdPoll } from "./poll.ts";

/**
 * How our children end. Only pids given to `watchChild` are waited for, so that children of Node
 * itself (libuv) and of other threads are left to them. The main thread looks when SIGCHLD arrives;
 * other threads get no signals and watch a process descriptor per child.
 *
 * The tables belong to the thread, as the children of a process and its signals do: there is no
 * object that could own them.
 */

export interface ChildEvents {
  /** It ended; the number is a wait(2) status. The pid is no longer its own. */
  onExit(status: number): void;
  /** It was stopped by a signal. */
  onStopped?(status: number): void;
}

/**
 * How often threads without signals look for stopped children, and all for a signal that got lost.
 */
const stopCheckMs = 100;
const sweepMs = 5000;
/** Exit code 255, where somebody else took a status that was ours. */
const unknownStatus = 0xff00;

const children = new Map<number, ChildEvents>();
/** Memory that posix_spawn(3) writes a pid to. */
const expected = new Set<Int32Array>();
/** Statuses of children that ended before they were watched; at most one per expected child. */
const early = new Map<number, number>();
const processFds = new Map<number, { readonly poll: FdPoll; readonly fd: number }>();
let onForeign = (): void => {};
let listening = false;
let sweep: NodeJS.Timeout | undefined;

const status = new Int32Array(1);
const info = new Int32Array(32);
/** Where siginfo_t has si_pid on 64-bit machines, in 32-bit words. */
const pidWord = 4;
const stoppedByte = 0x7f;

/** Announce a spawn in the thread pool, until its pid is watched: the child may end before that. */
export function expectChild(pid: Int32Array): Disposable {
  expected.add(pid);
  return { [Symbol.dispose]: () => expected.delete(pid) };
}

/**
 * Report how a child ends. It may have ended already: then `onExit` comes before this returns.
 * Keeps the event loop alive until then.
 */
export function watchChild(pid: number, events: ChildEvents): void {
  const ended = early.get(pid);
  if (ended !== undefined) {
    early.delete(pid);
    events.onExit(ended);
    return;
  }
  children.set(pid, events);
  // First listen, then look: a child that ends between the two would be missed.
  if (isMainThread) listen();
  if (check(pid)) return;
  if (children.size === 1) startSweep();
  if (!isMainThread) watchProcess(pid);
}

/** Call back when a child that is not watched here has ended (main thread only). */
export function watchForeignChildren(callback: () => void): void {
  onForeign = callback;
  listen();
}

function listen(): void {
  if (listening || !isMainThread) return;
  listening = true;
  process.on("SIGCHLD", onSigchld);
}

/** One signal may stand for many children: take each that has news, until there is none. */
function onSigchld(): void {
  const c = libc();
  for (;;) {
    info[pidWord] = 0;
    const options = Os.WEXITED | Os.WUNTRACED | Os.WNOHANG | Os.WNOWAIT;
    if (c.waitid(Os.P_ALL, 0, info, options) === -1) return;
    const pid = info[pidWord]!;
    if (pid === 0) return;
    if (children.has(pid)) {
      if (!check(pid)) return;
    } else if (isExpected(pid)) {
      reapEarly(pid);
    } else {
      onForeign();
      // Somebody else's, and it hides ours that come after it.
      for (const child of [...children.keys()]) check(child);
      return;
    }
  }
}

function isExpected(pid: number): boolean {
  for (const cell of expected) if (cell[0] === pid) return true;
  return false;
}

/** A child whose spawn has not told us yet. */
function reapEarly(pid: number): void {
  if (libc().waitpid(pid, status, Os.WNOHANG | Os.WUNTRACED) !== pid) return;
  if ((status[0]! & 0xff) !== stoppedByte) early.set(pid, status[0]!);
}

/** Take a child's news if there is any. False if there was none. */
function check(pid: number): boolean {
  const events = children.get(pid);
  if (!events) return false;
  const result = libc().waitpid(pid, status, Os.WNOHANG | Os.WUNTRACED);
  if (result === 0) return false;
  if (result === -1) {
    if (lastErrno() === Errno.EINTR) return false;
    status[0] = unknownStatus;
  } else if ((status[0]! & 0xff) === stoppedByte) {
    events.onStopped?.(status[0]!);
    return true;
  }
  const ended = status[0]!;
  forget(pid);
  events.onExit(ended);
  return true;
}

function forget(pid: number): void {
  children.delete(pid);
  const watched = processFds.get(pid);
  if (watched) {
    processFds.delete(pid);
    watched.poll.close();
    closeFd(watched.fd);
  }
  if (children.size === 0 && sweep) {
    clearInterval(sweep);
    sweep = undefined;
  }
}

/** Wake when the process ends. Kernels before 5.3 cannot: then the sweep finds it. */
function watchProcess(pid: number): void {
  const fd = libc().syscall2(Os.SYS_pidfd_open, pid, 0);
  if (fd === -1) return;
  processFds.set(pid, { fd, poll: new FdPoll(fd, "readable", () => check(pid)) });
}

function startSweep(): void {
  sweep ??= setInterval(
    () => {
      for (const child of [...children.keys()]) check(child);
    },
    isMainThread ? sweepMs : stopCheckMs,
  );
}
