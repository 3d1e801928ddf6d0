import { checked, libc, Os } from "./libc.ts";
import { closeFd } from "./pipe.ts";
import { type SpawnRequest, spawn } from "./spawn.ts";

export interface WindowSize {
  readonly rows: number;
  readonly cols: number;
}

/** A pseudo-terminal: `master` is our end (close it when done), `path` names the terminal. */
export interface Pty {
  readonly master: number;
  readonly path: string;
}

const pathBytes = 128;

/**
 * Open a pseudo-terminal; the master is closed on exec. Read it with FdReader, which knows its end.
 */
export function openPty(size?: WindowSize): Pty {
  const c = libc();
  const master = checked(c.posixOpenpt(Os.O_RDWR | Os.O_NOCTTY | Os.O_CLOEXEC), "openpt");
  try {
    checked(c.grantpt(master), "grantpt");
    checked(c.unlockpt(master), "unlockpt");
    const name = new Uint8Array(pathBytes);
    checked(c.ptsname(master, name, pathBytes) === 0 ? 0 : -1, "ptsname");
    if (size) setWindowSize(master, size);
    return { master, path: new TextDecoder().decode(name.subarray(0, name.indexOf(0))) };
  } catch (error) {
    closeFd(master);
    throw error;
  }
}

/** Set the size of a terminal; its foreground processes get SIGWINCH if that changes it. */
export function setWindowSize(fd: number, { rows, cols }: WindowSize): void {
  const size = new Uint16Array([rows, cols, 0, 0]);
  checked(libc().ioctl(fd, Os.TIOCSWINSZ, size), "terminal window size");
}

export function windowSize(fd: number): WindowSize {
  const size = new Uint16Array(4);
  checked(libc().ioctl(fd, Os.TIOCGWINSZ, size), "terminal window size");
  return { rows: size[0]!, cols: size[1]! };
}

/**
 * Start a process in a session of its own, with the terminal as its stdio and controlling terminal.
 */
export function spawnOnPty(
  request: Omit<SpawnRequest, "fds" | "group">,
  { path }: Pty,
): Promise<number> {
  // Without O_NOCTTY, the first terminal that a session leader opens becomes the controlling one.
  const terminal = { path, flags: Os.O_RDWR };
  return spawn({ ...request, fds: [terminal, terminal, terminal], group: "session" });
}
