import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { Environment } from "../environment.ts";
import { CommandError } from "../usage-error.ts";

export interface RemoteCommandOptions {
  readonly argv: readonly string[];
  readonly env: Environment;
  /** `none`: wherever the server is. */
  readonly cwd: string;
  readonly label: string | undefined;
  /** `NAME=VALUE` subprocess options. */
  readonly setopt: readonly string[];
  readonly ownerUid: string;
}

/** The command object of RFC 42. */
export function remoteCommand(options: RemoteCommandOptions): JsonObject {
  const { argv, cwd, label, ownerUid, setopt } = options;
  const { FLUX_PROXY_REMOTE: _, ...given } = options.env;
  const env: JsonObject = {
    // So that systemd commands work where the instance has services of its own.
    DBUS_SESSION_BUS_ADDRESS: `unix:path=/run/user/${ownerUid}/bus`,
  };
  for (const [name, value] of Object.entries(given)) if (value !== undefined) env[name] = value;
  return {
    ...(label !== undefined && { label }),
    ...(cwd !== "none" && { cwd }),
    cmdline: [...argv],
    env,
    opts: Object.fromEntries(setopt.map(splitOption)),
    channels: [],
  };
}

function splitOption(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals < 0) throw new CommandError(`error handling '${text}' option: Invalid argument`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}
