import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Compile an MPI program of the fixtures. Undefined, saying so, where there is no MPICH. */
export function compileMpi(source: string, folder: string): string | undefined {
  const program = join(folder, source.replace(/\.c$/, ""));
  const path = fileURLToPath(new URL(`../fixtures/${source}`, import.meta.url));
  const { status } = spawnSync("mpicc", ["-o", program, path], { encoding: "utf8" });
  if (status === 0) return program;
  console.log("MPI tests are skipped: mpicc of MPICH is not installed");
  return undefined;
}
