/** Variables as the operating system keeps them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Node's own settings that the launcher hid from us; what we start gets them back. */
export const hiddenVariables = ["NODE_EXTRA_CA_CERTS", "NODE_OPTIONS"];
const hiddenPrefix = "FLUX_TS_HIDDEN_";

/** The environment as the person set it, before the launcher hid variables from our own process. */
export function unhide(env: Environment): Record<string, string | undefined> {
  const shown: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith(hiddenPrefix)) shown[name.slice(hiddenPrefix.length)] = value;
    else if (!name.startsWith("FLUX_TS_LAUNCHER_")) shown[name] ??= value;
  }
  return shown;
}

const pathVariables = ["FLUX_EXEC_PATH", "FLUX_MODULE_PATH", "FLUX_CONNECTOR_PATH"] as const;

/** Search paths of this installation. */
export interface InstalledPaths {
  /** Folder of the `flux` command; undefined when it was found on PATH, which then is right already. */
  readonly bin: string | undefined;
  readonly man: string | undefined;
  /** Whether a folder has a `flux` in it, and its real path. */
  inspect(folder: string): { hasFlux: boolean; realpath: string };
}

/**
 * What `flux CMD` prepares for CMD and all it starts: `flux` on PATH is this one; `*_PREPEND` variables
 * come first in their search paths; no entry appears twice.
 */
export function prepareEnvironment(
  env: Environment,
  paths: InstalledPaths,
): Record<string, string | undefined> {
  const prepared = { ...env };
  if (paths.bin !== undefined) {
    prepared.PATH = withSelf(env.PATH ?? "/bin:/usr/bin", paths.bin, paths);
  }
  for (const name of pathVariables) {
    const joined = joinPaths(env[`${name}_PREPEND`], env[name]);
    if (joined !== "") prepared[name] = joined;
  }
  for (const name of ["FLUX_RC_EXTRA", "FLUX_SHELL_RC_PATH"]) {
    const given = env[name];
    if (given !== undefined) prepared[name] = joinPaths(given);
  }
  // The empty entry at the end stands for the system's own manuals.
  if (paths.man !== undefined) prepared.MANPATH = `${joinPaths(paths.man, env.MANPATH)}:`;
  return prepared;
}

/** PATH on which `flux` means the one in `self`: put before the first folder that has another. */
function withSelf(path: string, self: string, { inspect }: InstalledPaths): string {
  const folders = joinPaths(path).split(":");
  for (const [index, folder] of folders.entries()) {
    const { hasFlux, realpath } = inspect(folder);
    if (realpath === self) return folders.join(":");
    if (hasFlux) return folders.toSpliced(index, 0, self).join(":");
  }
  return [...folders, self].join(":");
}

/** Entries of several paths in order, each once, none empty. */
function joinPaths(...paths: (string | undefined)[]): string {
  const entries = paths.flatMap((path) => path?.split(":") ?? []);
  return [...new Set(entries.filter((entry) => entry !== ""))].join(":");
}
