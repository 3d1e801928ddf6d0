import fc from "fast-check";
import { expect, test } from "vitest";
import { joinKey, keyNames, normalizeKey } from "./key.ts";

test.each([
  ["a.b.c", "a.b.c"],
  ["a..b...c", "a.b.c"],
  [".a", "a"],
  ["...a...", "a"],
  ["a.", "a"],
  [".", "."],
  ["..", "."],
  ["", ""],
])("key %j is %j", (key, normal) => {
  expect(normalizeKey(key)).toBe(normal);
});

test("the root has no names", () => {
  expect(keyNames(".")).toEqual([]);
  expect(keyNames(".a..b.")).toEqual(["a", "b"]);
});

test("keys join below each other", () => {
  expect(joinKey("job.0000", "guest.output")).toBe("job.0000.guest.output");
  expect(joinKey(".", "a")).toBe("a");
  expect(joinKey("a", ".")).toBe("a");
  expect(joinKey(".", ".")).toBe(".");
});

test("normalizing twice changes nothing more", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a.]*$/), (key) => {
      const normal = normalizeKey(key);
      expect(normalizeKey(normal)).toBe(normal);
      expect(keyNames(normal)).toEqual(keyNames(key));
    }),
  );
});
