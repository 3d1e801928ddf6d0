import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { FluxError } from "@flux-ts/protocol/rpc/error";

/** Bytes of a socket path that sockaddr_un has room for, less the NUL. */
const maxPathBytes = 107;
/** Longest text flux-core keeps. */
const maxUriBytes = 1024;

/** Refuse a `local-uri` that a socket cannot be made at, with what is wrong about it. */
export function checkLocalUri(uri: string): void {
  if (!uri.startsWith("local://")) throw new FluxError("EINVAL", `local-uri is malformed: ${uri}`);
  if (uri.length > maxUriBytes) {
    throw new FluxError("EOVERFLOW", "buffer overflow while checking local-uri");
  }
  const path = uri.slice("local://".length);
  if (Buffer.byteLength(path) > maxPathBytes) {
    const length = Buffer.byteLength(path);
    throw new FluxError(
      "EOVERFLOW",
      `local-uri length of ${length} bytes exceeds max ${maxPathBytes} to allow for AF_UNIX sockets`,
    );
  }
  const folder = dirname(path);
  let isDirectory: boolean;
  try {
    isDirectory = statSync(folder).isDirectory();
  } catch (cause) {
    throw new FluxError("ENOENT", `cannot stat ${folder}: No such file or directory`, { cause });
  }
  if (!isDirectory) throw new FluxError("ENOTDIR", `${folder}: Not a directory`);
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new FluxError("EPERM", `${folder} does not have owner=rwx permissions`, { cause });
  }
}
