import { createHash } from "node:crypto";
import {
  checkTreeObject,
  encodeTreeObject,
  parseTreeObject,
  valBytes,
} from "@flux-ts/protocol/kvs/treeobj";
import { expect, test } from "vitest";
import { vectors } from "./vectors.ts";

const blobref = "sha1-f1d2d2f924e986ac86fdf7b36c94bcdf32beec15";

test("RFC 11: a directory that flux-core stored is stored by us as the same blob", () => {
  for (const { blobref, text } of vectors<{ blobref: string; text: string }>("treeobjs")) {
    const encoded = encodeTreeObject(parseTreeObject(text));
    expect(encoded).toBe(text);
    expect(`sha1-${createHash("sha1").update(encoded).digest("hex")}`).toBe(blobref);
  }
});

test("RFC 11 Implementation: a tree object has ver, type and data, and nothing else", () => {
  const object = { ver: 1, type: "val", data: "" };
  expect(checkTreeObject(object)).toBe(object);
  for (const key of ["ver", "type", "data"]) {
    const { [key]: _removed, ...rest } = object as Record<string, string | number>;
    expect(() => checkTreeObject(rest), key).toThrow("treeobj: ");
  }
  expect(() => checkTreeObject({ ...object, more: 1 })).toThrow("unknown key more");
});

test("RFC 11 Implementation: this is version 1", () => {
  expect(() => checkTreeObject({ ver: 2, type: "val", data: "" })).toThrow("ver must be 1");
});

test("RFC 11 Valref: data is an array of blobrefs", () => {
  const data = [blobref, blobref];
  expect(checkTreeObject({ ver: 1, type: "valref", data })).toMatchObject({ data });
  expect(() => checkTreeObject({ ver: 1, type: "valref", data: blobref })).toThrow("blobrefs");
  expect(() => checkTreeObject({ ver: 1, type: "valref", data: ["x"] })).toThrow("blobref");
});

test("RFC 11 Val: data is base64", () => {
  const object = parseTreeObject('{"ver":1,"type":"val","data":"NDIyCg=="}');
  expect(object.type === "val" && new TextDecoder().decode(valBytes(object))).toBe("422\n");
  expect(() => checkTreeObject({ ver: 1, type: "val", data: {} })).toThrow("must be a string");
});

test("RFC 11 Dirref: data is an array of blobrefs", () => {
  expect(() => checkTreeObject({ ver: 1, type: "dirref", data: [blobref] })).not.toThrow();
  expect(() => checkTreeObject({ ver: 1, type: "dirref", data: [] })).toThrow("blobrefs");
});

test("RFC 11 Dir: data maps names to tree objects", () => {
  const dir = {
    ver: 1,
    type: "dir",
    data: {
      a: { ver: 1, type: "dirref", data: [blobref] },
      b: { ver: 1, type: "val", data: "NDIyCg==" },
      c: { ver: 1, type: "valref", data: [blobref, blobref] },
      d: { ver: 1, type: "dir", data: {} },
    },
  };
  const object = checkTreeObject(dir);
  expect(parseTreeObject(encodeTreeObject(object))).toEqual(dir);
  expect(() => checkTreeObject({ ...dir, data: { a: 1 } })).toThrow("treeobj.a: not an object");
});

test("RFC 11 Hdir: exists in the specification only", () => {
  expect(() => checkTreeObject({ ver: 1, type: "hdir", data: {} })).toThrow('unknown type "hdir"');
});

test("RFC 11 Symlink: data has a target, and optionally a namespace", () => {
  for (const data of [{ target: "a.a" }, { namespace: "a", target: "b.b" }]) {
    expect(checkTreeObject({ ver: 1, type: "symlink", data })).toMatchObject({ data });
  }
  expect(() => checkTreeObject({ ver: 1, type: "symlink", data: { namespace: "a" } })).toThrow(
    "target of a symlink",
  );
});
