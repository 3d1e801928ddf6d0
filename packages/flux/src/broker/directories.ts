import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Attributes } from "./attributes.ts";

/** Socket paths end in `/local-RANK` and must fit sockaddr_un. */
const maxRundirLength = 96;
/** Longest path that the directories may be made in. */
const maxPathLength = 1000;

/**
 * Make the broker's run directory (attribute `rundir`) and, on rank 0, its state directory. Ones made
 * here are private and removed at exit; ones given are kept. Returns what removes them.
 */
export function makeDirectories(attributes: Attributes, rank: number): () => void {
  const rundir = makeDirectory(attributes, "rundir");
  if (rundir.length > maxRundirLength) {
    const length = rundir.length;
    throw new FluxError(
      "ENAMETOOLONG",
      `rundir length of ${length} bytes exceeds max ${maxRundirLength} to allow for AF_UNIX sockets`,
    );
  }
  if (rank === 0) makeDirectory(attributes, "statedir");
  else attributes.delete("statedir");
  return () => {
    for (const name of ["statedir", "rundir"]) {
      const path = attributes.get(name);
      if (path && attributes.get(`${name}-cleanup`) === "1") {
        rmSync(path, { recursive: true, force: true });
      }
    }
  };
}

function makeDirectory(attributes: Attributes, name: "rundir" | "statedir"): string {
  const given = attributes.get(name);
  const { path, isOurs } = prepare(given, name);
  checkOwner(path, name);
  attributes.set(name, path);
  if (attributes.get(`${name}-cleanup`) === undefined) {
    attributes.set(`${name}-cleanup`, isOurs ? "1" : "0");
  }
  return path;
}

/** Where directories go that nobody named: state is to survive a reboot, sockets need not. */
const parents = { rundir: "/tmp", statedir: "/var/tmp" } as const;

function makeTemporary(name: "rundir" | "statedir"): string {
  const parent = process.env.TMPDIR || parents[name];
  if (parent.length > maxPathLength) throw new FluxError("EOVERFLOW", `${name}: buffer overflow`);
  try {
    return mkdtempSync(join(parent, "flux-"));
  } catch (cause) {
    const text = `cannot create directory in ${parent}: ${(cause as Error).message}`;
    throw new FluxError("ENOENT", text, { cause });
  }
}

function prepare(
  given: string | undefined,
  name: "rundir" | "statedir",
): { path: string; isOurs: boolean } {
  if (given === undefined) return { path: makeTemporary(name), isOurs: true };
  try {
    if (!existsSync(given)) {
      mkdirSync(given, { mode: 0o700 });
      return { path: given, isOurs: true };
    }
    const { mode } = statSync(given);
    // A sticky directory is shared, like /tmp: make a private one inside it.
    if (mode & 0o1000) return { path: mkdtempSync(join(given, "flux-")), isOurs: true };
    return { path: given, isOurs: false };
  } catch (cause) {
    if (cause instanceof FluxError) throw cause;
    throw new FluxError("EIO", `cannot make ${name}: ${(cause as Error).message}`, { cause });
  }
}

function checkOwner(path: string, name: string): void {
  const stat = statSync(path);
  if (!stat.isDirectory()) throw new FluxError("ENOTDIR", `${name} ${path}: Not a directory`);
  if (stat.uid !== process.getuid?.()) {
    throw new FluxError("EPERM", `${name} ${path} is not owned by the instance owner`);
  }
  if ((stat.mode & 0o700) !== 0o700) {
    throw new FluxError("EPERM", `${name} ${path} does not have owner=rwx permissions`);
  }
}

/**
 * `RUNDIR/bin/flux`: lets `flux relay` on a remote host find the command that fits this broker.
 * Returns what removes it.
 */
export function linkCommand(rundir: string, command: string): () => void {
  const bin = join(rundir, "bin");
  try {
    mkdirSync(bin, { mode: 0o755 });
    chmodSync(bin, 0o755);
    symlinkSync(command, join(bin, "flux"));
  } catch (error) {
    // Brokers of one node may share the directory: another one was faster, and will remove it.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return () => {};
  }
  return () => rmSync(bin, { recursive: true, force: true });
}
