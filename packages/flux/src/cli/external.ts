import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "./environment.ts";

/**
 * The program behind `flux NAME` for commands that are not ours: `flux-NAME.py` or `flux-NAME` on
 * FLUX_EXEC_PATH_PREPEND, FLUX_EXEC_PATH and PATH. One of our own commands (`isOurs`) gives way only
 * to FLUX_EXEC_PATH_PREPEND.
 */
export function findExternal(
  name: string,
  env: Environment,
  isOurs: boolean,
): readonly string[] | undefined {
  const path = isOurs
    ? [env.FLUX_EXEC_PATH_PREPEND]
    : [env.FLUX_EXEC_PATH_PREPEND, env.FLUX_EXEC_PATH, env.PATH];
  for (const folder of path.flatMap((part) => part?.split(":") ?? [])) {
    if (folder === "") continue;
    const program = join(folder, `flux-${name}`);
    if (isFile(`${program}.py`, constants.R_OK | constants.X_OK))
      return ["python3", `${program}.py`];
    if (isFile(program, constants.X_OK)) return [program];
  }
  return undefined;
}

function isFile(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
