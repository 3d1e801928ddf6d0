import type { ErrnoName } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { DatabaseSync } from "@photostructure/sqlite";

export type SqlValue = null | number | bigint | string | Uint8Array;
export type SqlRow = Record<string, SqlValue>;

/** What is used of an SQLite library: `node:sqlite` and its look-alike for Node 20 both fit. */
export interface SqlDatabase {
  exec(sql: string): void;
  prepare(sql: string): SqlStatement;
  close(): void;
}

export interface SqlStatement {
  run(...values: SqlValue[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  get(...values: SqlValue[]): SqlRow | undefined;
  all(...values: SqlValue[]): SqlRow[];
}

interface SqlLibrary {
  DatabaseSync: new (path: string) => SqlDatabase;
}

/** Open a database file, with Node's own SQLite where it has one, else with the package like it. */
export function openDatabase(path: string): SqlDatabase {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 13)) return new DatabaseSync(path) as SqlDatabase;
  return new (ownLibrary().DatabaseSync)(path);
}

/** Some versions of Node warn on stderr that their SQLite is experimental. */
function ownLibrary(): SqlLibrary {
  const node: NodeJS.Process & { getBuiltinModule?(name: string): unknown } = process;
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return node.getBuiltinModule!("node:sqlite") as SqlLibrary;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** SQLite result codes that have an errno of their own; all others are EINVAL. */
const errnoOf: Record<number, ErrnoName> = {
  3: "EPERM", // SQLITE_PERM
  4: "EPERM", // SQLITE_ABORT
  7: "ENOMEM", // SQLITE_NOMEM
  8: "EPERM", // SQLITE_READONLY
  10: "EIO", // SQLITE_IOERR
  13: "ENOSPC", // SQLITE_FULL
  18: "EFBIG", // SQLITE_TOOBIG
};

/** An error of the library as a FluxError; anything else is returned as it is. */
export function fromSqlError(error: unknown): unknown {
  if (error instanceof FluxError || !(error instanceof Error)) return error;
  if (!("errcode" in error) || typeof error.errcode !== "number") return error;
  const errno = errnoOf[error.errcode & 0xff] ?? "EINVAL";
  return new FluxError(errno, `${error.message}(${error.errcode})`, { cause: error });
}

/** Run `body` with its SQLite errors turned into FluxErrors. */
export function withSqlErrors<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw fromSqlError(error);
  }
}

/**
 * Close a database in such a way that the next one to open it finds no lock. The library for Node 20
 * leaves prepared statements, and with them the connection, to the garbage collector; so everything is
 * brought home from the write-ahead log first and the exclusive lock given up.
 */
export function closeDatabase(db: SqlDatabase): void {
  try {
    db.exec("PRAGMA journal_mode=DELETE");
    db.exec("PRAGMA locking_mode=NORMAL");
    // The lock goes with the first access after the mode was changed.
    db.exec("SELECT count(*) FROM sqlite_master");
  } finally {
    db.close();
  }
}
