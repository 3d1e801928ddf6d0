import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Top of the repository. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** TypeScript files of the packages, tests included, that git tracks or would track. */
export function sourceFiles(): string[] {
  const list = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "packages/*.ts"],
    { cwd: root, encoding: "utf8" },
  );
  return list.split("\n").filter((file) => file !== "" && existsSync(join(root, file)));
}
