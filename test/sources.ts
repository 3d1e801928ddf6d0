import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Top of the repository. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** TypeScript files that git tracks or would track; by default those of the packages, with tests. */
export function sourceFiles(...patterns: string[]): string[] {
  const paths = patterns.length > 0 ? patterns : ["packages/*.ts"];
  const list = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", ...paths],
    { cwd: root, encoding: "utf8" },
  );
  return list.split("\n").filter((file) => file !== "" && existsSync(join(root, file)));
}
