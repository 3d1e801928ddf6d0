import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import type { ModuleContext } from "../../../plugins/module.ts";
import type { ExecConfig } from "../config.ts";
import type { JobSetup } from "../job.ts";
import { ResidentLauncher } from "../resident/resident.ts";
import type { Launcher } from "./launch.ts";
import { ProcessLauncher } from "./process-launcher.ts";

/** The ways shells are started under one configuration. */
export interface Launchers {
  readonly process: Launcher;
  /** Undefined: every job gets a shell process. */
  readonly resident: Launcher | undefined;
}

/** Shell options that change the shell's own process, or run code of the user in it. */
const ownProcessOptions = [
  "initrc",
  "userrc",
  "pty",
  "oom",
  "sysmon",
  "coprocess",
  "stop-tasks-in-exec",
];

/** Starts shells in resident processes of this installation's shell, whatever the configuration. */
export function makeResidentLauncher(context: ModuleContext, shellPath: string): ResidentLauncher {
  return new ResidentLauncher(context.flux, {
    cmdline: [shellPath, "--resident"],
    env: environment(),
    log: (severity, text) => context.log(severity, text),
  });
}

/** `shellPath`: the job shell of this installation. `resident` is used if the configuration lets it. */
export function makeLaunchers(
  context: ModuleContext,
  config: ExecConfig,
  shellPath: string,
  resident: Launcher,
): Launchers {
  const shell = config.jobShell ?? shellPath;
  const owner = Number(context.attr("security.owner"));
  const { imp } = config;
  const process = new ProcessLauncher(context.flux, {
    service: config.service,
    env: environment(),
    commandLine: ({ id, userid, jobspec }) => {
      const command = [jobShellOf(jobspec) ?? shell, `${id}`];
      return userid !== owner && imp !== undefined ? [imp, "exec", ...command] : command;
    },
  });
  const isPlain = config.jobShell === undefined && config.service === "rexec";
  return { process, resident: config.residentShell && isPlain ? resident : undefined };
}

/** The resident shell for the owner's plain jobs, a process where isolation is asked for. */
export function launcherFor(launchers: Launchers, setup: JobSetup, owner: number): Launcher {
  const { resident, process } = launchers;
  if (!resident || setup.userid !== owner || jobShellOf(setup.jobspec) !== undefined)
    return process;
  const options = shellOptions(setup.jobspec);
  return ownProcessOptions.some((name) => options[name] !== undefined) ? process : resident;
}

function system(jobspec: JsonObject): JsonObject {
  const { attributes } = jobspec;
  const table = isJsonObject(attributes) ? attributes.system : undefined;
  return isJsonObject(table) ? table : {};
}

function shellOptions(jobspec: JsonObject): JsonObject {
  const { shell } = system(jobspec);
  const options = isJsonObject(shell) ? shell.options : undefined;
  return isJsonObject(options) ? options : {};
}

function jobShellOf(jobspec: JsonObject): string | undefined {
  const { exec } = system(jobspec);
  const shell = isJsonObject(exec) ? exec.job_shell : undefined;
  return typeof shell === "string" ? shell : undefined;
}

function environment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined) env[name] = value;
  }
  return env;
}
