// What every script needs first: the dependencies, and a build that is not older than its sources.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Run a program; end this one with its exit code if it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

export const bin = (name) => join(root, "node_modules/.bin", name);

/** Install what package-lock.json names, if that has not been done since it changed. */
export function install() {
  const lock = join(root, "package-lock.json");
  const installed = join(root, "node_modules/.package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log("installing dependencies ...");
  run("npm", ["ci", "--no-audit", "--no-fund"]);
}

/** Bundle the programs, if a source is newer than they are. */
export function build() {
  const built = join(root, "packages/flux/dist/broker.cjs");
  const sources = ["packages/protocol/src", "packages/client/src", "packages/flux/src", "scripts"];
  const newest = Math.max(...sources.map((folder) => newestIn(join(root, folder))));
  if (existsSync(built) && statSync(built).mtimeMs >= newest) return;
  run(process.execPath, ["scripts/build.mjs"]);
}

function newestIn(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name.endsWith(".test.ts")) continue;
    newest = Math.max(newest, statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs);
  }
  return newest;
}
