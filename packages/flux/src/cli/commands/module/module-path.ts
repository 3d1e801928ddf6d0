import { accessSync, realpathSync } from "node:fs";
import { CommandError } from "../../usage-error.ts";

/** The real path of a module named by a path; a bare name, which the broker looks up, stays. */
export function modulePath(given: string): string {
  if (!given.includes("/")) return given;
  try {
    const path = realpathSync(given);
    accessSync(path);
    return path;
  } catch {
    throw new CommandError(
      `could not canonicalize module path '${given}': No such file or directory`,
    );
  }
}

/** The name a module gets if none is given: its file's, without its kind. */
export function moduleName(given: string): string {
  return given.replace(/^.*\//, "").replace(/\.(?:so(?:\..*)?|py|js|mjs|cjs|ts)$/, "");
}
