import { randomUUID } from "node:crypto";
import { accessSync, appendFileSync, constants, statSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { Attributes } from "./attributes.ts";
import { startBootstrap } from "./bootstrap/bootstrap.ts";
import { TreeNetwork } from "./bootstrap/tree-network.ts";
import { Broker } from "./broker.ts";
import { type BrokerCommandLine, parseCommandLine } from "./command-line.ts";
import { configFromOption, mergeConfig, readConfig } from "./config-files.ts";
import { linkCommand, makeDirectories } from "./directories.ts";
import { type InitialProgram, initialProgram } from "./initial-program.ts";
import { installationOf } from "./installation.ts";
import { checkLocalUri } from "./local-uri.ts";

/** The flux-core release whose protocols we speak. */
const compatibleVersion = "0.88.0";

const writeStderr = (text: string): void => {
  try {
    writeSync(2, text);
  } catch {
    // Nobody listens on stderr any more; there is nowhere to say so.
  }
};

/** Start a broker, stay until it is done, and exit with its code. */
async function main(): Promise<void> {
  let code = 1;
  try {
    unhideNodeSettings(process.env);
    const line = parseCommandLine(process.argv.slice(2));
    if (line.help !== undefined) {
      process.stdout.write(line.help);
      return;
    }
    code = await runBroker(line);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    writeStderr(`flux-broker: ${error.message}\n`);
  }
  process.exit(code);
}

async function runBroker(line: BrokerCommandLine): Promise<number> {
  const attributes = new Attributes();
  for (const [name, value] of line.attributes) attributes.setFromCommandLine(name, value);
  const configPath = line.configPath ?? process.env.FLUX_CONF_DIR;
  const config = loadConfig(configPath, line.conf);
  const host = attributes.get("hostname") ?? hostname();
  const boot = await startBootstrap({ attributes, config, env: process.env, hostname: host });
  const { rank, size } = boot;
  const uuid = randomUUID();
  setIdentity(attributes, { rank, size, uuid, host, configPath });
  const removeDirectories = makeDirectories(attributes, rank);
  const rundir = attributes.require("rundir");
  if (attributes.get("local-uri") === undefined) {
    attributes.set("local-uri", `local://${rundir}/local-${rank}`);
  }
  checkLocalUri(attributes.require("local-uri"));
  const installation = installationOf(__filename);
  const unlinkCommand = linkCommand(rundir, installation.command);
  for (const name of ["FLUX_URI", "FLUX_KVS_NAMESPACE", "FLUX_JOB_ID_PATH", "FLUX_PROXY_REMOTE"]) {
    delete process.env[name];
  }
  const logFile = rank === 0 ? attributes.get("log-filename") : undefined;
  const broker = new Broker({
    attributes,
    rank,
    size,
    uuid,
    config,
    readConfig: () => (configPath === undefined ? undefined : loadConfig(configPath, line.conf)),
    network: new TreeNetwork(boot, {
      attributes,
      hostname: host,
      uuid,
      version: compatibleVersion,
    }),
    installation,
    program: rank === 0 ? programOf(attributes, line.program) : undefined,
    writeStderr,
    ...(logFile !== undefined && { writeLogFile: (text: string) => appendFileSync(logFile, text) }),
  });
  for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGALRM"] as const) {
    process.on(signal, () => broker.onSignal(signal));
  }
  process.on("SIGPIPE", () => {});
  const code = await broker.run();
  unlinkCommand();
  removeDirectories();
  return code;
}

/** The launcher hides Node's own settings from our process; what we start gets them back. */
function unhideNodeSettings(env: NodeJS.ProcessEnv): void {
  const prefix = "FLUX_TS_HIDDEN_";
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(prefix)) continue;
    env[name.slice(prefix.length)] = value;
    delete env[name];
  }
}

function loadConfig(path: string | undefined, conf: readonly string[]): JsonObject {
  const base = path === undefined ? {} : readConfig(path);
  return conf.map(configFromOption).reduce(mergeConfig, base);
}

interface Identity {
  readonly rank: number;
  readonly size: number;
  readonly uuid: string;
  readonly host: string;
  readonly configPath: string | undefined;
}

/** Attributes that say which broker this is; those of the instance came with the bootstrap. */
function setIdentity(attributes: Attributes, identity: Identity): void {
  const { rank, size, uuid, host, configPath } = identity;
  const values: Record<string, string> = {
    rank: `${rank}`,
    size: `${size}`,
    version: compatibleVersion,
    hostname: host,
    "security.owner": `${process.getuid?.() ?? 0}`,
    "broker.pid": `${process.pid}`,
    "broker.uuid": uuid,
    "broker.starttime": (Date.now() / 1000).toFixed(2),
    "broker.rc1_path": attributes.get("broker.rc1_path") ?? "flux modprobe rc1",
    "broker.rc3_path": attributes.get("broker.rc3_path") ?? "flux modprobe rc3",
    "broker.quorum": attributes.get("broker.quorum") ?? `${size}`,
  };
  for (const [name, value] of Object.entries(values)) attributes.set(name, value);
  if (configPath !== undefined) attributes.set("config.path", configPath);
}

function programOf(attributes: Attributes, words: readonly string[]): InitialProgram | undefined {
  if (attributes.names.includes("broker.rc2_none")) return undefined;
  const shell = process.env.SHELL || "/bin/bash";
  const program = initialProgram(words, shell, isCommand);
  if (program.isInteractive && !process.stdin.isTTY) {
    throw new FluxError("ENOTTY", "stdin is not a tty - can't run interactive shell");
  }
  return program;
}

/** The word names a program, by path or on PATH. */
function isCommand(word: string): boolean {
  const path = process.env.PATH ?? "/bin:/usr/bin";
  const files = word.includes("/") ? [word] : path.split(":").map((folder) => join(folder, word));
  return files.some((file) => {
    try {
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  });
}

void main();
