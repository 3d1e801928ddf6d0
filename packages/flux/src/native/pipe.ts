import { Socket } from "node:net";
import { checked, libc, Os } from "./libc.ts";

/** Two ends of a pipe; both are closed on exec, and blocking, as programs expect their stdio. */
export interface Pipe {
  readonly read: number;
  readonly write: number;
}

const fds = new Int32Array(2);

/** pipe2(2). Throws EMFILE or ENFILE when no descriptors are left. */
export function openPipe(): Pipe {
  checked(libc().pipe2(fds, Os.O_CLOEXEC), "pipe");
  return { read: fds[0]!, write: fds[1]! };
}

/** Two connected UNIX stream sockets, closed on exec and blocking. */
export function openSocketPair(): [number, number] {
  const type = Os.SOCK_STREAM | Os.SOCK_CLOEXEC;
  checked(libc().socketpair(Os.AF_UNIX, type, 0, fds), "socketpair");
  return [fds[0]!, fds[1]!];
}

export function closeFd(fd: number): void {
  libc().close(fd);
}

/** Another descriptor for the same open file, closed on exec. */
export function duplicateFd(fd: number): number {
  return checked(libc().fcntl(fd, Os.F_DUPFD_CLOEXEC, 3), `fd ${fd}`);
}

/** Make reads and writes of this end return EAGAIN instead of blocking. */
export function setNonBlocking(fd: number): void {
  const flags = checked(libc().fcntl(fd, Os.F_GETFL, 0), `fd ${fd}`);
  checked(libc().fcntl(fd, Os.F_SETFL, flags | Os.O_NONBLOCK), `fd ${fd}`);
}

/** Write everything, waiting for room; for short notes. What cannot be written is dropped. */
export function writeAll(fd: number, data: Uint8Array): void {
  for (let rest = data; rest.length > 0; ) {
    const size = libc().write(fd, rest, rest.length);
    if (size <= 0) return;
    rest = rest.subarray(size);
  }
}

/** End of stream for the other side of a socket, which can still be read. */
export function shutdownWrite(fd: number): void {
  libc().shutdown(fd, Os.SHUT_WR);
}

/** A pipe end or socket as a Node stream, which owns the descriptor from then on. */
export function socketOf(fd: number, direction: "both" | "read" | "write" = "both"): Socket {
  return new Socket({ fd, readable: direction !== "write", writable: direction !== "read" });
}
