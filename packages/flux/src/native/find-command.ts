import { resolve } from "node:path";
import { Errno } from "@flux-ts/protocol/rpc/errno";
import { lastErrno, libc, Os } from "./libc.ts";

/** What execvp(3) searches when there is no PATH. */
const defaultPath = "/bin:/usr/bin";

/**
 * Files that execvp(3) would try for a command, best first: those in `path` that may be executed.
 * Like it, a name with a slash is taken as it is (relative to the child's directory). Returns the
 * errno that holds if none of them works: EACCES if permission was all that was missing, else
 * ENOENT.
 */
export function* findCommand(
  name: string,
  path: string = defaultPath,
  cwd?: string,
): Generator<string, number, void> {
  if (name.includes("/")) {
    yield name;
    return Errno.ENOENT;
  }
  let errnum: number = Errno.ENOENT;
  for (const directory of name === "" ? [] : path.split(":")) {
    const file = directory === "" ? `./${name}` : `${directory}/${name}`;
    const seen = cwd === undefined || file.startsWith("/") ? file : resolve(cwd, file);
    if (libc().access(seen, Os.X_OK) === 0) yield file;
    else if (lastErrno() === Errno.EACCES) errnum = Errno.EACCES;
  }
  return errnum;
}
