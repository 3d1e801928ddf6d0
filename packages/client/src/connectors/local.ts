import { createConnection, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Transport } from "../transport.ts";
import { withBorrowedCredential } from "./borrowed-credential.ts";
import { SocketTransport } from "./socket-transport.ts";

const firstDelayMs = 16;
const maxDelayMs = 2000;
const defaultTries = 5;

export interface LocalOptions {
  /** Connection attempts before giving up. Default: FLUX_LOCAL_CONNECTOR_RETRY_COUNT, or 5. */
  tries?: number | undefined;
}

/**
 * Connect to the UNIX socket of a broker (`local://PATH`). A broker that is still starting has no
 * socket yet, so this tries several times with growing delays.
 */
export async function connectLocal(path: string, options: LocalOptions = {}): Promise<Transport> {
  const fromEnv = process.env.FLUX_LOCAL_CONNECTOR_RETRY_COUNT;
  const tries = options.tries ?? (fromEnv === undefined ? defaultTries : Number(fromEnv) + 1);
  let waitMs = firstDelayMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return withBorrowedCredential(await attach(path), process.env);
    } catch (error) {
      if (attempt >= tries || !isStarting(error)) throw asFluxError(error, path);
      await delay(waitMs);
      waitMs = Math.min(waitMs * 2, maxDelayMs);
    }
  }
}

function isStarting(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ECONNREFUSED";
}

function asFluxError(error: unknown, path: string): FluxError {
  if (error instanceof FluxError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT")
    return new FluxError("ENOENT", `broker socket ${path} was not found`, { cause: error });
  if (code === "ECONNREFUSED") {
    return new FluxError(
      "ECONNREFUSED",
      `broker socket ${path} refused the connection: is the broker running?`,
      { cause: error },
    );
  }
  if (code === "EACCES")
    return new FluxError("EACCES", `no permission to use broker socket ${path}`, { cause: error });
  return new FluxError("ECONNRESET", `${path}: ${(error as Error).message}`, { cause: error });
}

/** Connect and read the auth byte that the server speaks first: 0 is welcome, else an errno. */
function attach(path: string): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const socket: Socket = createConnection({ path });
    const onEarlyClose = (): void =>
      reject(new FluxError("ECONNRESET", `${path}: connection closed by the broker`));
    socket.once("error", reject);
    socket.once("close", onEarlyClose);
    socket.once("readable", () => {
      const byte = socket.read(1) as Uint8Array | null;
      if (!byte) return;
      socket.off("error", reject);
      socket.off("close", onEarlyClose);
      const errnum = byte[0]!;
      if (errnum !== 0) {
        socket.destroy();
        reject(new FluxError(errnum));
        return;
      }
      resolve(new SocketTransport(socket));
    });
  });
}
