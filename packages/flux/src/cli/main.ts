import { readdirSync } from "node:fs";
import { connect } from "@flux-ts/client/connect";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { attr } from "@flux-ts/protocol/services/attr";
import { commands } from "./commands.ts";
import { endAfter, processHost } from "./entry.ts";
import type { Environment } from "./environment.ts";
import { counter, flag } from "./option.ts";
import { parseGetopt } from "./parse/getopt.ts";
import type { Host } from "./run.ts";
import { similarNames } from "./suggest.ts";
import { UsageError } from "./usage-error.ts";

/** Options of `flux` itself, before the command's name. */
export const mainOptions = {
  verbose: flag("-v, --verbose", "Be verbose about environment and command search"),
  version: flag("-V, --version", "Display command and component versions"),
  parent: counter("-p, --parent", "Set environment of parent instead of current instance"),
  root: flag("-r, --root", "Set environment of root instead of current instance"),
};

/**
 * `flux` without a command that the launcher knows: its own options, the overview, suggestions. Resolves to
 * the exit status.
 */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  const { err } = host;
  let parsed: ReturnType<typeof parseGetopt>;
  try {
    parsed = parseGetopt(mainOptions, argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    err.line(`flux: ${error.message}`);
    err.line("Try `flux --help' for more information.");
    return 1;
  }
  const { options, positionals } = parsed;
  if (parsed.help) return overview(host, 0);
  const { env, system } = host;
  const launcher = `${system.root}/bin/flux`;
  if (options.version) return system.run([launcher, "version"], { env });
  const moved = await environmentOf(host, Number(options.parent), options.root === true);
  const changed = { ...env, ...moved };
  if (options.verbose) showEnvironment({ ...host, env: changed });
  if (positionals.length === 0) return overview(host, 1);
  // The launcher found no such command, unless it did not get to look because options came first.
  if (argv[0] === positionals[0]) return unknown(positionals[0]!, host);
  return system.run([launcher, ...positionals], { env: changed });
}

async function overview({ err, env }: Host, status: number): Promise<number> {
  const { overviewText } = await import("./overview.ts");
  err.write(overviewText(env));
  return status;
}

function unknown(name: string, { err, env }: Host): number {
  err.line(`flux: \`${name}' is not a flux command.  See 'flux --help'`);
  const similar = similarNames(name, [...Object.keys(commands), ...externalCommands(env)]);
  if (similar.length > 0) {
    err.line(`flux: The most similar ${similar.length > 1 ? "commands are" : "command is"}`);
    for (const each of similar) err.line(`flux: \t${each}`);
  }
  return 1;
}

/** Names of commands that other packages put on the search paths. */
function externalCommands({ FLUX_EXEC_PATH = "", PATH = "" }: Environment): string[] {
  return [...FLUX_EXEC_PATH.split(":"), ...PATH.split(":")].flatMap((folder) => {
    let files: string[];
    try {
      files = folder === "" ? [] : readdirSync(folder);
    } catch {
      return [];
    }
    const programs = files.filter((file) => file.startsWith("flux-"));
    return programs.map((file) => file.slice("flux-".length).replace(/\.py$/, ""));
  });
}

/** The variables that point at an enclosing instance, `levels` up or at the outermost one. */
async function environmentOf(
  { env }: Host,
  levels: number,
  toRoot: boolean,
): Promise<Record<string, string> | undefined> {
  let uri = env.FLUX_URI;
  let namespace: string | undefined;
  let moved = false;
  for (let level = 0; toRoot || level < levels; level++) {
    await using flux = await connect(uri);
    const attribute = (name: string): Promise<string | undefined> =>
      flux.call(attr.get, { name }).then(
        ({ value }) => value,
        (error: unknown) => {
          if (isErrno(error, "ENOENT")) return undefined;
          throw error;
        },
      );
    const parent = await attribute("parent-uri");
    if (parent === undefined) break;
    uri = parent;
    namespace = await attribute("parent-kvs-namespace");
    moved = true;
  }
  if (!moved || uri === undefined) return undefined;
  return { FLUX_URI: uri, ...(namespace !== undefined && { FLUX_KVS_NAMESPACE: namespace }) };
}

const prepared = ["FLUX_EXEC_PATH", "PATH", "FLUX_CONNECTOR_PATH", "MANPATH", "FLUX_MODULE_PATH"];

function showEnvironment({ env, out }: Host): void {
  for (const name of prepared) {
    if (env[name] !== undefined) out.line(`${name}=${env[name]}`);
  }
}

/** Start point of `dist/cli/main.cjs`. */
export function start(): Promise<never> {
  return endAfter(() => main(process.argv.slice(2), processHost()));
}
