import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkTreeObject,
  dir,
  dirref,
  encodeTreeObject,
  parseTreeObject,
  symlink,
  type TreeObject,
  val,
  valBytes,
  valref,
} from "./treeobj.ts";

const blobref = "sha1-c0a9faf907dda6216fd73bf81d0b3b21a1a8cb91";

test("the empty directory is the blob every instance starts with", () => {
  const text = encodeTreeObject(dir());
  expect(text).toBe('{"data":{},"type":"dir","ver":1}');
  expect(`sha1-${createHash("sha1").update(text).digest("hex")}`).toBe(blobref);
});

test("text is compact with sorted keys at every level", () => {
  const object = dir({
    b: symlink("t", "ns"),
    a: val(new TextEncoder().encode("422\n")),
    "\u{1f600}": valref([blobref]),
    "\uffee": dirref(blobref),
    d: dir({ z: dir(), y: symlink("t") }),
  });
  expect(encodeTreeObject(object)).toBe(
    '{"data":{"a":{"data":"NDIyCg==","type":"val","ver":1},' +
      '"b":{"data":{"namespace":"ns","target":"t"},"type":"symlink","ver":1},' +
      '"d":{"data":{"y":{"data":{"target":"t"},"type":"symlink","ver":1},' +
      '"z":{"data":{},"type":"dir","ver":1}},"type":"dir","ver":1},' +
      `"\uffee":{"data":["${blobref}"],"type":"dirref","ver":1},` +
      `"\u{1f600}":{"data":["${blobref}"],"type":"valref","ver":1}},"type":"dir","ver":1}`,
  );
});

test("a val holds any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(valBytes(val(bytes))).toEqual(bytes);
    }),
  );
});

test("any tree comes back from its text", () => {
  const { tree } = fc.letrec<{ tree: TreeObject; leaf: TreeObject }>((tie) => ({
    leaf: fc.oneof(
      fc.uint8Array().map(val),
      fc.constant(valref([blobref, blobref])),
      fc.constant(dirref(blobref)),
      fc
        .tuple(fc.string(), fc.option(fc.string(), { nil: undefined }))
        .map(([t, n]) => symlink(t, n)),
    ),
    tree: fc.oneof(
      { maxDepth: 4 },
      tie("leaf"),
      fc
        .dictionary(
          fc.string().filter((s) => s !== "__proto__"),
          tie("tree"),
          {
            maxKeys: 4,
            noNullPrototype: true,
          },
        )
        .map(dir),
    ),
  }));
  fc.assert(
    fc.property(tree, (object) => {
      expect(parseTreeObject(encodeTreeObject(object))).toEqual(object);
    }),
  );
});

test.each([
  [null, "treeobj: not an object"],
  [{ type: "val", data: "" }, "treeobj: ver must be 1"],
  [{ ver: 2, type: "val", data: "" }, "treeobj: ver must be 1"],
  [{ ver: 1, type: "val", data: "", x: 1 }, "treeobj: unknown key x"],
  [{ ver: 1, type: "hdir", data: {} }, 'treeobj: unknown type "hdir"'],
  [{ ver: 1, data: {} }, "treeobj: unknown type (missing)"],
  [{ ver: 1, type: "val", data: 1 }, "data of a val must be a string"],
  [{ ver: 1, type: "valref", data: [] }, "must be an array of blobrefs"],
  [{ ver: 1, type: "dirref", data: ["foo"] }, '"foo" is not a blobref'],
  [{ ver: 1, type: "dir", data: [] }, "data of a dir must be an object"],
  [
    { ver: 1, type: "dir", data: { a: { ver: 1, type: "dir", data: { b: 1 } } } },
    "treeobj.a.b: not",
  ],
  [{ ver: 1, type: "symlink", data: "a" }, "data of a symlink must be an object"],
  [{ ver: 1, type: "symlink", data: {} }, "target of a symlink must be a string"],
  [{ ver: 1, type: "symlink", data: { target: "a", namespace: 1 } }, "namespace of a symlink"],
])("%j is refused", (value, message) => {
  expect(() => checkTreeObject(value)).toThrow(message);
});

test("text that is not JSON is refused", () => {
  expect(() => parseTreeObject("{")).toThrow("treeobj: not JSON");
});
