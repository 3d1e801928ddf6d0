import { parseResourceShape } from "@flux-ts/protocol/job/resource-shape";
import { expect, test } from "vitest";
import { vectors } from "./vectors.ts";

type Row = { shape: string; resources?: unknown; error?: string };

test.each(vectors<Row>("resource-shapes"))(
  "RFC 46: $shape is read as flux-core reads it",
  ({ shape, resources, error }) => {
    if (error === undefined) expect(parseResourceShape(shape)).toEqual(resources);
    else expect(() => parseResourceShape(shape)).toThrow(error);
  },
);

test("RFC 46 Description: a list of one vertex may omit its brackets", () => {
  expect(parseResourceShape("[slot/[core]]")).toEqual(parseResourceShape("slot/core"));
});

test("RFC 46 Description: a count of 1 may be omitted", () => {
  expect(parseResourceShape("slot=1/core=1")).toEqual(parseResourceShape("slot/core"));
});

test("RFC 46 Description: a count is an integer, an idset or a range", () => {
  const counts = ["4", "1,3-5", "2-8:2:*", "3+", "[2-8]"].map(
    (count) => parseResourceShape(`core=${count}`)[0]!.count,
  );
  expect(counts).toEqual([4, "1,3-5", "2-8:2:*", "3+", "2-8"]);
});

test("RFC 46 Description: the first entry in the braces of a slot is its label", () => {
  expect(parseResourceShape("slot{db,x}/core")[0]).toMatchObject({ label: "db", exclusive: true });
});

test("RFC 46 Description: only a single slot may omit its label", () => {
  expect(parseResourceShape("slot/core")[0]!.label).toBe("task");
  expect(() => parseResourceShape("[slot/core;slot{b}/core]")).toThrow("require labels");
});

test("RFC 46 Description: booleans may be written +key, -key or key, exclusive as x", () => {
  expect(parseResourceShape("node{+x}")[0]!.exclusive).toBe(true);
  expect(parseResourceShape("node{-exclusive}")[0]!.exclusive).toBe(false);
  expect(parseResourceShape("node{x}")[0]!.exclusive).toBe(true);
});

test("RFC 46 Description: values are JSON, objects in them may be written as the braces are", () => {
  expect(parseResourceShape('node{a:[1,"b"],c:{d:1,-e},f:null}')[0]).toMatchObject({
    a: [1, "b"],
    c: { d: 1, e: false },
    f: null,
  });
});

test("RFC 46 Description: strings with special characters are quoted", () => {
  expect(parseResourceShape("\"a/b\"{'k:l':'m,n'}")[0]).toEqual({
    type: "a/b",
    count: 1,
    "k:l": "m,n",
  });
});

test("RFC 46 Grammar: a slot must have something in it", () => {
  expect(() => parseResourceShape("slot=2{a}")).toThrow("Unexpected end of input");
});
