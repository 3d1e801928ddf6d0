import { createRequire } from "node:module";
import { errnoText } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Koffi, Native, PollHandle } from "./koffi.ts";

/**
 * The C library's functions that Node lacks, and the numbers of this platform that go with them.
 * Loaded at first use, so that importing this file costs nothing; works in every thread.
 *
 * C structures are plain buffers, larger than any C library's: only their addresses travel.
 */

type Bytes = Uint8Array;
/** A structure or array in memory that C reads or writes during the call. */
type Memory = NodeJS.ArrayBufferView | null;

export interface Libc {
  posixSpawn: Native<
    [
      pid: Int32Array,
      path: string,
      actions: Bytes,
      attributes: Bytes,
      argv: readonly (string | null)[],
      env: Memory,
    ],
    number
  >;
  attrInit(attributes: Bytes): number;
  attrSetFlags(attributes: Bytes, flags: number): number;
  attrSetMask(attributes: Bytes, signals: Bytes): number;
  attrSetDefault(attributes: Bytes, signals: Bytes): number;
  actionsInit(actions: Bytes): number;
  actionsDestroy(actions: Bytes): number;
  addDup2(actions: Bytes, from: number, to: number): number;
  addOpen(actions: Bytes, fd: number, path: string, flags: number, mode: number): number;
  addChdir(actions: Bytes, path: string): number;
  /** Missing before glibc 2.34 and on musl. */
  addCloseFrom: ((actions: Bytes, first: number) => number) | undefined;
  waitpid(pid: number, status: Int32Array, options: number): number;
  waitid(idType: number, id: number, info: Int32Array, options: number): number;
  /** Linux system call by number, for those without a wrapper in older C libraries. */
  syscall2(number: number, first: number, second: number): number;
  kill(pid: number, signum: number): number;
  access(path: string, mode: number): number;
  pipe2(fds: Int32Array, flags: number): number;
  socketpair(domain: number, type: number, protocol: number, fds: Int32Array): number;
  shutdown(fd: number, how: number): number;
  close(fd: number): number;
  dup3(from: number, to: number, flags: number): number;
  fcntl(fd: number, command: number, argument: number): number;
  read(fd: number, buffer: Bytes, size: number): number;
  write(fd: number, buffer: Bytes, size: number): number;
  getsockopt(fd: number, level: number, name: number, value: Int32Array, size: Int32Array): number;
  ioctl(fd: number, request: number, argument: Memory): number;
  prctl(option: number, argument: number): number;
  setsid(): number;
  posixOpenpt(flags: number): number;
  grantpt(fd: number): number;
  unlockpt(fd: number): number;
  ptsname(fd: number, name: Bytes, size: number): number;
  schedGetaffinity(pid: number, size: number, mask: Bytes): number;
  schedSetaffinity(pid: number, size: number, mask: Bytes): number;
  prlimit(pid: number, resource: number, next: Memory, old: Memory): number;
  getrusage(who: number, usage: BigInt64Array): number;
  getpwuid: Native<PasswdArguments<number>, number>;
  getpwnam: Native<PasswdArguments<string>, number>;
  getgrgid: Native<PasswdArguments<number>, number>;
  getgrouplist: Native<[name: string, gid: number, groups: Uint32Array, count: Int32Array], number>;
}

/** What getpwuid_r(3) and its kind take. */
type PasswdArguments<Key> = [
  key: Key,
  entry: BigUint64Array,
  text: Bytes,
  size: number,
  found: BigUint64Array,
];

let koffiLibrary: Koffi | undefined;
let library: Libc | undefined;

/** The FFI library itself; for this folder only. */
export function koffi(): Koffi {
  if (process.platform !== "linux") {
    throw new FluxError("ENOTSUP", `native calls need Linux, this is ${process.platform}`);
  }
  koffiLibrary ??= createRequire(import.meta.url)("koffi") as Koffi;
  return koffiLibrary;
}

/** The functions of the C library this process runs on. Throws ENOTSUP where they are unknown. */
export function libc(): Libc {
  library ??= bindLibc();
  return library;
}

const spawnPrototype =
  "int posix_spawn(void *pid, const char *path, void *fa, void *attr, const char **argv, void *env)";

function bindLibc(): Libc {
  const own = koffi().load(null);
  const f = <F>(prototype: string): F => own.func(prototype) as F;
  return {
    posixSpawn: f(spawnPrototype),
    attrInit: f("int posix_spawnattr_init(void *a)"),
    attrSetFlags: f("int posix_spawnattr_setflags(void *a, short flags)"),
    attrSetMask: f("int posix_spawnattr_setsigmask(void *a, void *mask)"),
    attrSetDefault: f("int posix_spawnattr_setsigdefault(void *a, void *mask)"),
    actionsInit: f("int posix_spawn_file_actions_init(void *f)"),
    actionsDestroy: f("int posix_spawn_file_actions_destroy(void *f)"),
    addDup2: f("int posix_spawn_file_actions_adddup2(void *f, int from, int to)"),
    addOpen: f(
      "int posix_spawn_file_actions_addopen(void *f, int fd, const char *path, int flags, uint mode)",
    ),
    addChdir: f("int posix_spawn_file_actions_addchdir_np(void *f, const char *path)"),
    addCloseFrom: optional(() =>
      f<Libc["addCloseFrom"]>("int posix_spawn_file_actions_addclosefrom_np(void *f, int first)"),
    ),
    waitpid: f("int waitpid(int pid, void *status, int options)"),
    waitid: f("int waitid(int type, int id, void *info, int options)"),
    syscall2: f("long syscall(long number, int first, int second)"),
    kill: f("int kill(int pid, int signum)"),
    access: f("int access(const char *path, int mode)"),
    pipe2: f("int pipe2(void *fds, int flags)"),
    socketpair: f("int socketpair(int domain, int type, int protocol, void *fds)"),
    shutdown: f("int shutdown(int fd, int how)"),
    close: f("int close(int fd)"),
    dup3: f("int dup3(int from, int to, int flags)"),
    fcntl: f("int fcntl(int fd, int command, int argument)"),
    read: f("long read(int fd, void *buffer, size_t size)"),
    write: f("long write(int fd, void *buffer, size_t size)"),
    getsockopt: f("int getsockopt(int fd, int level, int name, void *value, void *size)"),
    ioctl: f("int ioctl(int fd, ulong request, void *argument)"),
    prctl: f("int prctl(int option, ulong argument)"),
    setsid: f("int setsid()"),
    posixOpenpt: f("int posix_openpt(int flags)"),
    grantpt: f("int grantpt(int fd)"),
    unlockpt: f("int unlockpt(int fd)"),
    ptsname: f("int ptsname_r(int fd, void *name, size_t size)"),
    schedGetaffinity: f("int sched_getaffinity(int pid, size_t size, void *mask)"),
    schedSetaffinity: f("int sched_setaffinity(int pid, size_t size, void *mask)"),
    prlimit: f("int prlimit(int pid, int resource, void *next, void *old)"),
    getrusage: f("int getrusage(int who, void *usage)"),
    getpwuid: f("int getpwuid_r(uint uid, void *entry, void *text, size_t size, void *found)"),
    getpwnam: f(
      "int getpwnam_r(const char *name, void *entry, void *text, size_t size, void *found)",
    ),
    getgrgid: f("int getgrgid_r(uint gid, void *entry, void *text, size_t size, void *found)"),
    getgrouplist: f("int getgrouplist(const char *name, uint gid, void *groups, void *count)"),
  };
}

function optional<T>(bind: () => T): T | undefined {
  try {
    return bind();
  } catch {
    return undefined;
  }
}

/** errno of the last call in this thread that reported failure by -1. */
export function lastErrno(): number {
  return koffi().errno();
}

/**
 * The result of a call that reports failure by -1 and errno. `what` names the call and its object.
 */
export function checked(result: number, what: string): number {
  if (result !== -1) return result;
  const errnum = lastErrno();
  throw new FluxError(errnum, `${what}: ${errnoText(errnum)}`);
}

/** Address of memory that C keeps a pointer to; the caller keeps the memory alive meanwhile. */
export function addressOf(memory: NodeJS.ArrayBufferView): bigint {
  return koffi().address(memory);
}

/** Watch a descriptor with the event loop of this thread. */
export function openPoll(
  fd: number,
  events: { readable?: boolean; writable?: boolean },
  callback: () => void,
): PollHandle {
  return koffi().node.poll(fd, events, callback);
}

const isPower = process.arch.startsWith("ppc");

/** Numbers of the kernel's interface; those that differ by architecture are chosen here. */
export const Os = {
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_CREAT: 0o100,
  O_NOCTTY: 0o400,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  O_NONBLOCK: 0o4000,
  O_CLOEXEC: 0o2000000,
  F_SETFD: 2,
  F_GETFL: 3,
  F_SETFL: 4,
  F_DUPFD_CLOEXEC: 1030,
  AF_UNIX: 1,
  SOCK_STREAM: 1,
  SOCK_CLOEXEC: 0o2000000,
  SHUT_WR: 1,
  SOL_SOCKET: 1,
  SO_PEERCRED: isPower ? 21 : 17,
  TIOCSWINSZ: isPower ? 0x80087467 : 0x5414,
  TIOCGWINSZ: isPower ? 0x40087468 : 0x5413,
  POSIX_SPAWN_SETPGROUP: 0x02,
  POSIX_SPAWN_SETSIGDEF: 0x04,
  POSIX_SPAWN_SETSIGMASK: 0x08,
  POSIX_SPAWN_SETSID: 0x80,
  X_OK: 1,
  WNOHANG: 1,
  WUNTRACED: 2,
  WEXITED: 4,
  WNOWAIT: 0x01000000,
  P_ALL: 0,
  SYS_pidfd_open: 434,
  PR_SET_PDEATHSIG: 1,
  PR_SET_CHILD_SUBREAPER: 36,
  PR_GET_CHILD_SUBREAPER: 37,
  RUSAGE_SELF: 0,
  RUSAGE_CHILDREN: -1,
  RUSAGE_THREAD: 1,
} as const;
