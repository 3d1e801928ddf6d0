import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json } from "@flux-ts/protocol/schema/json";
import { Idset } from "@flux-ts/protocol/text/idset";

/** A helper that runs beside the tasks. */
export interface CoprocessOption {
  readonly name: string;
  /** May contain template tags. */
  readonly command: readonly string[];
  /** Template of the file that takes its output. */
  readonly output: string;
  /** Shell ranks it runs on; undefined: all. */
  readonly ranks: Idset | undefined;
}

/** Option `coprocess`: `{NAME: {command, output?, ranks?}}`. EINVAL for something else. */
export function coprocessOptions(option: Json): CoprocessOption[] {
  if (!isJsonObject(option) || Object.keys(option).length === 0) {
    throw new FluxError("EINVAL", "coprocess option must be a non-empty object");
  }
  return Object.entries(option).map(([name, entry]) => {
    if (!isJsonObject(entry)) throw new FluxError("EINVAL", `${name}: not an object`);
    const { command, output = `coproc-${name}-{{id}}.log`, ranks = "all", ...others } = entry;
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) throw new FluxError("EINVAL", `${name}: unknown key ${unknown}`);
    if (!Array.isArray(command) || command.length === 0) {
      throw new FluxError("EINVAL", `${name}: command must be a non-empty array`);
    }
    if (!command.every((arg) => typeof arg === "string")) {
      throw new FluxError("EINVAL", `${name}: command elements must be strings`);
    }
    if (typeof output !== "string" || typeof ranks !== "string") {
      throw new FluxError("EINVAL", `${name}: output and ranks must be strings`);
    }
    return { name, command, output, ranks: ranks === "all" ? undefined : ranksOf(name, ranks) };
  });
}

function ranksOf(name: string, text: string): Idset {
  try {
    return Idset.parse(text);
  } catch {
    throw new FluxError("EINVAL", `${name}: invalid ranks '${text}'`);
  }
}
