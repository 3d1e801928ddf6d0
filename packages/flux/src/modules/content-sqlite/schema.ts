import type { SqlDatabase } from "./sql-database.ts";

const createObjects =
  "CREATE TABLE IF NOT EXISTS objects(" +
  "  hash BLOB PRIMARY KEY," +
  "  size INT," +
  "  object BLOB," +
  "  epoch INT DEFAULT 0" +
  ");";
const createCheckpoints =
  "CREATE TABLE IF NOT EXISTS checkpt_v2(" +
  "  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL," +
  "  value TEXT" +
  ");";

/** Create the tables of content.sqlite, or bring those of an earlier flux-core up to date. */
export function prepareSchema(db: SqlDatabase): void {
  db.exec(createObjects);
  db.exec(createCheckpoints);
  const columns = db.prepare("PRAGMA table_info(objects)").all();
  if (!columns.some(({ name }) => name === "epoch")) {
    db.exec("ALTER TABLE objects ADD COLUMN epoch INT DEFAULT 0");
  }
  takeOverFirstCheckpoint(db);
}

/** Before checkpt_v2 there was one checkpoint, in a table of its own. */
function takeOverFirstCheckpoint(db: SqlDatabase): void {
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  if (!tables.some(({ name }) => name === "checkpt")) return;
  const row = db.prepare("SELECT value FROM checkpt WHERE key = ?1").get("kvs-primary");
  if (typeof row?.value === "string" && row.value.startsWith("{")) {
    db.prepare("INSERT INTO checkpt_v2 (value) VALUES (?1)").run(row.value);
  }
  db.exec("DROP TABLE checkpt");
}
