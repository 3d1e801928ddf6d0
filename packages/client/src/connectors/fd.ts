import { readSync } from "node:fs";
import { Socket } from "node:net";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Transport } from "../transport.ts";
import { SocketTransport } from "./socket-transport.ts";

/** Use an inherited stream socket (`fd://N`): how an external broker module talks to its broker. */
export async function connectFd(rest: string): Promise<Transport> {
  const fd = Number(rest);
  if (!Number.isInteger(fd) || fd < 0) {
    throw new FluxError("EINVAL", `fd://${rest}: expected a file descriptor number`);
  }
  // The broker has written the auth byte before it started us, so this does not block.
  const byte = new Uint8Array(1);
  if (readSync(fd, byte) !== 1)
    throw new FluxError("ECONNRESET", `fd://${rest}: closed by the broker`);
  if (byte[0] !== 0) throw new FluxError(byte[0]!);
  return new SocketTransport(new Socket({ fd }));
}
