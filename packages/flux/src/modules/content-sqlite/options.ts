import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";

const journalModes = ["DELETE", "TRUNCATE", "PERSIST", "MEMORY", "WAL", "OFF"];
const synchronousModes = ["EXTRA", "FULL", "NORMAL", "OFF"];

export interface SqliteOptions {
  journalMode: string;
  synchronous: string;
  /** Checkpoints that are kept. */
  maxCheckpoints: number;
  /** Begin with an empty store. */
  truncate: boolean;
}

/**
 * Options from the configuration, then from module arguments. A store that goes away with the instance
 * (`isTemporary`) has no journal unless one is asked for: there is nothing to recover. EINVAL.
 */
export function parseSqliteOptions(
  config: JsonObject,
  args: readonly string[],
  isTemporary: boolean,
): SqliteOptions {
  const options: SqliteOptions = {
    journalMode: isTemporary ? "OFF" : "WAL",
    synchronous: isTemporary ? "OFF" : "NORMAL",
    maxCheckpoints: 5,
    truncate: false,
  };
  const table = config["content-sqlite"];
  if (table !== undefined) applyConfig(options, table);
  for (const arg of args) applyArgument(options, arg);
  return options;
}

function applyConfig(options: SqliteOptions, table: Json): void {
  if (!isJsonObject(table)) throw new FluxError("EINVAL", "content-sqlite must be a table");
  const { journal_mode, synchronous, max_checkpoints } = table;
  if (journal_mode !== undefined) {
    options.journalMode = oneOf(journalModes, journal_mode, "journal_mode config");
  }
  if (synchronous !== undefined) {
    options.synchronous = oneOf(synchronousModes, synchronous, "synchronous config");
  }
  if (max_checkpoints !== undefined) {
    options.maxCheckpoints = positive(max_checkpoints, "max_checkpoints config");
  }
}

function applyArgument(options: SqliteOptions, arg: string): void {
  const equals = arg.indexOf("=");
  const value = arg.slice(equals + 1);
  switch (equals < 0 ? arg : arg.slice(0, equals + 1)) {
    case "journal_mode=":
      options.journalMode = oneOf(journalModes, value, "journal_mode specified");
      return;
    case "synchronous=":
      options.synchronous = oneOf(synchronousModes, value, "synchronous specified");
      return;
    case "max-checkpoints=":
      options.maxCheckpoints = positive(Number(value), "max-checkpoints specified");
      return;
    case "truncate":
      options.truncate = true;
      return;
    default:
      throw new FluxError("EINVAL", `Unknown module option: '${arg}'`);
  }
}

function oneOf(allowed: readonly string[], value: Json, what: string): string {
  if (typeof value === "string" && allowed.includes(value)) return value;
  throw new FluxError("EINVAL", `invalid ${what}`);
}

function positive(value: Json, what: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw new FluxError("EINVAL", `invalid ${what}`);
}
