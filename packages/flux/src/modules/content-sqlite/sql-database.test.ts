import type { FluxError } from "@flux-ts/protocol/rpc/error";
import { expect, test } from "vitest";
import { fromSqlError } from "./sql-database.ts";

test("SQLite's result codes become errnos, extended ones by what they extend", () => {
  const codeOf = (errcode: number) =>
    (fromSqlError(Object.assign(new Error("text"), { errcode })) as FluxError).code;
  expect([10, 10 | (3 << 8), 13, 18, 8, 7, 1].map(codeOf)).toEqual([
    "EIO",
    "EIO",
    "ENOSPC",
    "EFBIG",
    "EPERM",
    "ENOMEM",
    "EINVAL",
  ]);
});

test("other errors are left alone", () => {
  const error = new TypeError("a defect");
  expect(fromSqlError(error)).toBe(error);
});
