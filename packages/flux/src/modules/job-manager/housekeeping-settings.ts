import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { parseDuration } from "@flux-ts/protocol/text/duration";

/** The `job-manager.housekeeping` table. */
export interface HousekeepingSettings {
  readonly command: readonly string[];
  /**
   * Seconds after the first rank is through until those that are get released; 0: each at once; missing:
   * all when the last is through.
   */
  readonly releaseAfter: number | undefined;
  /** It asks for a systemd unit, which is not used any more. */
  readonly isUnitAsked: boolean;
}

const known = ["command", "release-after", "use-systemd-unit", "exit-on-first-error"];

/** Undefined if nothing is configured. EINVAL saying what is wrong. */
export function housekeepingSettings(config: JsonObject): HousekeepingSettings | undefined {
  const table = tableAt(config, "job-manager").housekeeping;
  if (table === undefined) return undefined;
  if (!isJsonObject(table)) throw refuse("Expected object");
  const unknown = Object.keys(table).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw refuse(`${unknown.length} object item(s) left unpacked: ${unknown.join(", ")}`);
  }
  const { command, "release-after": after } = table;
  return {
    command: commandOf(command, config),
    releaseAfter: releaseAfter(after),
    isUnitAsked: table["use-systemd-unit"] === true,
  };
}

function commandOf(command: Json | undefined, config: JsonObject): string[] {
  if (command !== undefined) {
    const cmdline = stringArray(command);
    if (!cmdline) {
      throw new FluxError("EINVAL", "error creating housekeeping command");
    }
    return cmdline;
  }
  const { imp } = tableAt(config, "exec");
  if (typeof imp === "string") return [imp, "run", "housekeeping"];
  const text = "job-manager.housekeeping implies IMP but exec.imp is undefined";
  throw new FluxError("EINVAL", text);
}

function releaseAfter(text: Json | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    return parseDuration(String(text));
  } catch (cause) {
    const message = "job-manager.housekeeping.release-after FSD parse error";
    throw new FluxError("EINVAL", message, { cause });
  }
}

/** The value as a command line, if it is a non-empty array of strings. */
export function stringArray(value: Json | undefined): string[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.every((item) => typeof item === "string") ? (value as string[]) : undefined;
}

function tableAt(config: JsonObject, name: string): JsonObject {
  const table = config[name];
  return isJsonObject(table) ? table : {};
}

const refuse = (text: string): FluxError =>
  new FluxError("EINVAL", `job-manager.housekeeping: ${text}`);
