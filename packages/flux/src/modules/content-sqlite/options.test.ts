import { expect, test } from "vitest";
import { parseSqliteOptions } from "./options.ts";

test("a lasting store has a write-ahead log, a temporary one no journal at all", () => {
  const lasting = { journalMode: "WAL", synchronous: "NORMAL", maxCheckpoints: 5, truncate: false };
  expect(parseSqliteOptions({}, [], false)).toEqual(lasting);
  expect(parseSqliteOptions({}, [], true)).toMatchObject({
    journalMode: "OFF",
    synchronous: "OFF",
  });
});

test("arguments go before the configuration, and both before the defaults", () => {
  const config = { "content-sqlite": { journal_mode: "DELETE", max_checkpoints: 9 } };
  const args = ["journal_mode=PERSIST", "synchronous=FULL", "truncate"];
  expect(parseSqliteOptions(config, args, true)).toEqual({
    journalMode: "PERSIST",
    synchronous: "FULL",
    maxCheckpoints: 9,
    truncate: true,
  });
});

test("what SQLite does not know is refused", () => {
  const refused = (config: object, ...args: string[]) =>
    expect(() => parseSqliteOptions({ "content-sqlite": config as never }, args, false)).toThrow();
  refused({ journal_mode: "wal" });
  refused({ synchronous: 1 });
  refused({ max_checkpoints: 0 });
  refused({}, "journal_mode=FAST");
  refused({}, "max-checkpoints=-1");
  refused({}, "bogus");
});
