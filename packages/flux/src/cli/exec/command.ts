import type { Flux } from "@flux-ts/client/handle";
import { isJsonObject } from "@flux-ts/protocol/schema/json";
import { config } from "@flux-ts/protocol/services/config";
import type { Environment } from "../environment.ts";
import { CommandError } from "../usage-error.ts";

/** The caller's environment as a remote process gets it. */
export function remoteEnvironment(env: Environment, owner: string): Record<string, string> {
  const variables: Record<string, string> = {
    // Commands about the user's own systemd instance need its bus.
    DBUS_SESSION_BUS_ADDRESS: `unix:path=/run/user/${owner}/bus`,
  };
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && name !== "FLUX_PROXY_REMOTE") variables[name] = value;
  }
  return variables;
}

/** `--setopt=NAME=VALUE` of the subprocess server. */
export function subprocessOptions(given: readonly string[]): Record<string, string> {
  const options: Record<string, string> = {};
  for (const option of given) {
    const equals = option.indexOf("=");
    if (equals < 0) throw new CommandError(`error handling '${option}' option: Invalid argument`);
    options[option.slice(0, equals)] = option.slice(equals + 1);
  }
  return options;
}

/** Path of the setuid helper (RFC 15) that `--with-imp` runs the command under. */
export async function impPath(flux: Flux): Promise<string> {
  const { exec } = await flux.call(config.get);
  const path = isJsonObject(exec) ? exec.imp : undefined;
  if (typeof path === "string") return path;
  throw new CommandError(
    "--with-imp: exec.imp path not found in config: No such file or directory",
  );
}

/** A background process that --attach names. */
export interface AttachTarget {
  /** -1: named by its label. */
  readonly pid: number;
  readonly label: string | undefined;
  /** `pid 12`, `label foo`. */
  readonly name: string;
  /** As it was given. */
  readonly given: string;
}

export function attachTarget(
  words: readonly string[],
  { bg, waitable }: { readonly bg: boolean; readonly waitable: boolean },
): AttachTarget {
  const [given, ...rest] = words;
  if (given === undefined) throw new CommandError("--attach requires a pid or label argument");
  if (rest.length > 0) throw new CommandError("--attach takes a single pid or label argument");
  if (bg || waitable) throw new CommandError("--attach cannot be used with --bg or --waitable");
  const pid = /^\s*\d+$/.test(given) ? Number(given) : 0;
  if (pid > 0) return { pid, label: undefined, name: `pid ${pid}`, given };
  return { pid: -1, label: given, name: `label ${given}`, given };
}

/** Input is sent as the processes welcome it, unless the service does not say. */
export function flowControl(given: string | undefined, service: string): boolean {
  if (given === undefined) return service !== "sdexec";
  if (given === "on" || given === "off") return given === "on";
  throw new CommandError("Set --stdin-flow to on or off");
}
