import { libc, Os } from "./libc.ts";

/**
 * Which file each descriptor of a child is: a descriptor of ours, or a path opened in the child
 * (from the parent's directory, before the child changes its own).
 */
export type FdSource = number | OpenSource;

export interface OpenSource {
  readonly path: string;
  /** open(2) flags. */
  readonly flags: number;
  /** Permissions of a file that is created; default 0666 less the umask. */
  readonly mode?: number;
}

export const devNull: OpenSource = { path: "/dev/null", flags: Os.O_RDWR };

/** What the child does to its descriptors, in order. */
export type FdStep =
  | { readonly do: "dup"; readonly from: number; readonly to: number }
  | { readonly do: "open"; readonly fd: number; readonly source: OpenSource };

/**
 * The steps that make child descriptor i the i-th source, for all i, whatever numbers the sources
 * have: a source that would be overwritten before its turn is first moved out of the way.
 */
export function planFds(sources: readonly FdSource[]): FdStep[] {
  const moves: FdStep[] = [];
  const steps: FdStep[] = [];
  let spare = sources.reduce<number>(
    (most, source) => (typeof source === "number" ? Math.max(most, source + 1) : most),
    sources.length,
  );
  sources.forEach((source, to) => {
    if (typeof source !== "number") {
      steps.push({ do: "open", fd: to, source });
    } else if (source < to) {
      moves.push({ do: "dup", from: source, to: spare });
      steps.push({ do: "dup", from: spare, to });
      spare++;
    } else {
      // Also where they are equal: dup2 in a child then clears close-on-exec.
      steps.push({ do: "dup", from: source, to });
    }
  });
  return [...moves, ...steps];
}

/** Add the steps to posix_spawn file actions; all other descriptors of the child are closed. */
export function addFdActions(actions: Uint8Array, sources: readonly FdSource[]): void {
  const { addDup2, addOpen, addCloseFrom } = libc();
  for (const step of planFds(sources)) {
    if (step.do === "dup") {
      addDup2(actions, step.from, step.to);
    } else {
      const { path, flags, mode = 0o666 } = step.source;
      addOpen(actions, step.fd, path, flags, mode);
    }
  }
  addCloseFrom?.(actions, sources.length);
}
