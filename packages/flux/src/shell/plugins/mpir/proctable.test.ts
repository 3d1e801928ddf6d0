import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeNames,
  decodeNumbers,
  decodeProctable,
  encodeNames,
  encodeNumbers,
  encodeProctable,
} from "./proctable.ts";

test("a table is what flux-core's shell answers for three tasks of sleep", () => {
  const entries = [0, 1, 2].map((taskid) => {
    return { taskid, host: "vm", executable: "sleep", pid: 2918 + taskid, rank: 0 };
  });
  const table = {
    hosts: [["vm", [[-1, -2]]]],
    executables: [["sleep", [[-1, -2]]]],
    ids: [[0, 2]],
    pids: [[2918, 2]],
    ranks: [[0, -2]],
  };
  expect(encodeProctable(entries)).toEqual(table);
  expect(decodeProctable(table)).toEqual(entries);
  expect(encodeProctable(entries.slice(0, 1))).toEqual({
    hosts: ["vm"],
    executables: ["sleep"],
    ids: [0],
    pids: [2918],
    ranks: [0],
  });
});

test("an entry may be applied several times", () => {
  expect(decodeNumbers([[1, 1, 2]])).toEqual([1, 2, 3, 4, 5, 6]);
  expect(decodeNumbers([5, [-2, -1], 10])).toEqual([5, 3, 3, 13]);
});

test("numbers and names survive", () => {
  const numbers = fc.array(fc.integer({ min: 0, max: 20 }));
  fc.assert(
    fc.property(numbers, (list) => {
      expect(decodeNumbers(encodeNumbers(list))).toEqual(list);
    }),
  );
  const name = fc.stringMatching(/^[a-c]{0,2}[0-9]{0,5}$/);
  fc.assert(
    fc.property(fc.array(name), (list) => {
      expect(decodeNames(encodeNames(list))).toEqual(list);
    }),
  );
});

test("what is no table is refused", () => {
  for (const bad of [{}, { ids: [0] }, { ids: "x" }, { ids: [[0, 1e12]] }]) {
    expect(() => decodeProctable(bad)).toThrow("malformed process table");
  }
});
