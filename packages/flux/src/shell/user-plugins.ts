import { accessSync, constants, readdirSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { ShellPlugin } from "./plugin.ts";
import type { ShellOptions } from "./shell-job.ts";

const extensions = [".js", ".mjs", ".cjs"];

/**
 * Plugins of the site and the user: modules whose default export is a plugin or a list of them.
 * Found in the folders of FLUX_SHELL_RC_PATH, in the file `initrc` of the options or the broker's
 * attribute, and in the file `userrc`. Throws ENOENT or EINVAL naming a file that cannot be loaded.
 */
export async function userPlugins(
  options: ShellOptions | undefined,
  defaultInitrc: string | undefined,
  cwd: string,
): Promise<ShellPlugin[]> {
  const files = (process.env.FLUX_SHELL_RC_PATH ?? "").split(":").flatMap(modulesIn);
  const initrc = options?.text("initrc");
  if (initrc !== undefined) files.push(resolve(cwd, initrc));
  else if (defaultInitrc !== undefined && canRead(defaultInitrc)) files.push(defaultInitrc);
  const userrc = options?.text("userrc");
  if (userrc !== undefined) files.push(resolve(cwd, userrc));
  const loaded = await Promise.all(files.map(pluginsIn));
  return loaded.flat();
}

async function pluginsIn(file: string): Promise<ShellPlugin[]> {
  if (!extensions.includes(extname(file))) {
    const kinds = `only JavaScript modules (${extensions.join(" ")}) can be loaded`;
    throw new FluxError("EINVAL", `loading rc file ${file}: ${kinds}`);
  }
  let exported: unknown;
  try {
    const module: { default?: unknown } = await import(pathToFileURL(file).href);
    exported = module.default;
  } catch (error) {
    const reason = (error as Error).message;
    throw new FluxError("ENOENT", `loading rc file ${file}: ${reason}`, { cause: error });
  }
  const plugins = Array.isArray(exported) ? exported : [exported];
  if (!plugins.every(isPlugin)) {
    throw new FluxError("EINVAL", `loading rc file ${file}: its default export is no shell plugin`);
  }
  return plugins;
}

function isPlugin(value: unknown): value is ShellPlugin {
  if (typeof value !== "object" || value === null) return false;
  const { name, load } = value as Partial<ShellPlugin>;
  return typeof name === "string" && typeof load === "function";
}

function modulesIn(directory: string): string[] {
  if (directory === "") return [];
  try {
    const names = readdirSync(directory).filter((name) => extensions.includes(extname(name)));
    return names.sort().map((name) => join(directory, name));
  } catch {
    // A path may name folders that a site does not have.
    return [];
  }
}

function canRead(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return extensions.includes(extname(file));
  } catch {
    return false;
  }
}
