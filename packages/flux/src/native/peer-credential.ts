import type { Socket } from "node:net";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { checked, libc, Os } from "./libc.ts";

/**
 * Who is at the other end of a UNIX socket, as the kernel recorded it at connect or socketpair
 * time.
 */
export interface PeerCredential {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

const credential = new Int32Array(3);
const size = new Int32Array(1);

/**
 * The peer of a connected UNIX socket. Ask in the `connection` callback, while it is surely open.
 * Throws EBADF once it is closed, and ENOTSOCK or the like for other streams.
 */
export function peerCredential(socket: Socket): PeerCredential {
  return peerCredentialOfFd(fdOf(socket));
}

export function peerCredentialOfFd(fd: number): PeerCredential {
  size[0] = credential.byteLength;
  const result = libc().getsockopt(fd, Os.SOL_SOCKET, Os.SO_PEERCRED, credential, size);
  checked(result, `peer credential of fd ${fd}`);
  return { pid: credential[0]!, uid: credential[1]! >>> 0, gid: credential[2]! >>> 0 };
}

/** The descriptor of a stream. Node does not document `_handle`, so only this function knows it. */
export function fdOf(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, "_handle");
  const fd: unknown = handle instanceof Object ? Reflect.get(handle, "fd") : undefined;
  if (typeof fd !== "number" || fd < 0) throw new FluxError("EBADF", "the socket is closed");
  return fd;
}
