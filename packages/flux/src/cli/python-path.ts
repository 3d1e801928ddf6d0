import { join } from "node:path";
import type { Environment } from "./environment.ts";

/** Where an installation with this root folder looks for Python modules. */
export function pythonPath(root: string): string {
  return join(root, "lib", "python");
}

/** The environment for Python programs: with the modules of this installation, and those asked for. */
export function withPythonPath(env: Environment, root: string): Environment {
  const wanted = [env.FLUX_PYTHONPATH_PREPEND, pythonPath(root), env.PYTHONPATH];
  const folders = wanted.flatMap((path) => path?.split(":") ?? []).filter((path) => path !== "");
  return { ...env, PYTHONPATH: [...new Set(folders)].join(":") };
}
