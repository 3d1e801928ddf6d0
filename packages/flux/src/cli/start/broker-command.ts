import { accessSync, constants, statSync } from "node:fs";
import { connect } from "@flux-ts/client/connect";
import { CommandError } from "../usage-error.ts";
import { commonArguments, recoveryArguments } from "./broker-arguments.ts";
import type { StartRequest } from "./start-options.ts";

/** Where a system instance has its configuration and state. */
const systemConfig = "/etc/flux/system/conf.d";
const systemStatedir = "/var/lib/flux";

/** The broker program of this installation. */
export function brokerProgram(root: string): string {
  return `${root}/dist/broker.cjs`;
}

/**
 * How a broker is started: Node's nursery for young objects, left alone, grows to three times 16 MiB, which
 * a broker that keeps little for long does not need.
 */
export function brokerCommand(root: string): string[] {
  return [process.execPath, "--max-semi-space-size=4", brokerProgram(root)];
}

/** The arguments that every broker gets, `--recovery` worked out. */
export async function brokerArguments(request: StartRequest): Promise<string[]> {
  const { options, warn } = request;
  const isSystemRecovery = options.recovery === "";
  const recovery =
    options.recovery === undefined ? [] : await recoveryOf(options.recovery, request.system.uid);
  let configPath = isSystemRecovery || options.sysconfig ? systemConfig : undefined;
  if (options.configPath !== undefined) {
    if (configPath !== undefined) {
      warn(`Warning: overriding recovery/--sysconfig path with ${options.configPath}`);
    }
    configPath = options.configPath;
  }
  return commonArguments({ ...options, recovery, configPath });
}

/** A directory is a statedir, a file a dump; nothing is the system instance, which must not run. */
async function recoveryOf(target: string, uid: number): Promise<string[]> {
  const path = target === "" ? systemStatedir : target;
  if (target === "" && (await isSystemInstanceRunning())) {
    throw new CommandError("system instance is already running");
  }
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new CommandError(`${path}: No such file or directory`);
  if (!stat.isDirectory()) return recoveryArguments({ dump: path });
  if (stat.uid !== uid) throw new CommandError(`${path}: not owned by you`);
  if ((stat.mode & 0o700) !== 0o700) throw new CommandError(`${path}: no access`);
  const database = `${path}/content.sqlite`;
  if (!statSync(database, { throwIfNoEntry: false })) {
    throw new CommandError(`${database}: No such file or directory`);
  }
  if (!isAccessible(database, constants.R_OK)) {
    throw new CommandError(`${database}: no read permission`);
  }
  if (!isAccessible(database, constants.W_OK)) {
    throw new CommandError(`${database}: no write permission`);
  }
  return recoveryArguments({ statedir: path });
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

async function isSystemInstanceRunning(): Promise<boolean> {
  try {
    (await connect()).close();
    return true;
  } catch {
    // No socket, or nobody behind it.
    return false;
  }
}
