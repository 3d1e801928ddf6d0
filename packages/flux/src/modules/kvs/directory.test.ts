import {
  dir,
  dirref,
  encodeTreeObject,
  symlink,
  type TreeObject,
} from "@flux-ts/protocol/kvs/treeobj";
import { decodeUtf8, encodeUtf8 } from "@flux-ts/protocol/message/text";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Directory } from "./directory.ts";

const value = (data: string): TreeObject => ({ ver: 1, type: "val", data });
const textOf = (directory: Directory) => decodeUtf8(directory.encode(encodeUtf8));

test("the empty directory is the blob that every KVS starts from", () => {
  expect(textOf(Directory.empty)).toBe('{"data":{},"type":"dir","ver":1}');
});

test("any series of changes gives the text of the plain object that has seen them all", () => {
  const name = fc.oneof(fc.stringMatching(/^[a-z]{1,3}$/), fc.string({ unit: "grapheme" }));
  const change = fc.option(fc.stringMatching(/^[A-Za-z0-9]{0,8}$/).map(value));
  const changes = fc.array(fc.tuple(name, change), { maxLength: 200 });
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 8 }), (series) => {
      let directory = Directory.empty;
      const plain = new Map<string, TreeObject>();
      for (const each of series) {
        const map = new Map(each);
        directory = directory.with(map);
        for (const [key, entry] of map) {
          if (entry) plain.set(key, entry);
          else plain.delete(key);
        }
      }
      const expected = dir(Object.fromEntries(plain));
      expect(textOf(directory)).toBe(encodeTreeObject(expected));
      expect(directory.object).toEqual(expected);
      expect(directory.count).toBe(plain.size);
      for (const [key, entry] of plain) expect(directory.get(key)).toBe(entry);
    }),
  );
});

test("a directory is not changed by making another from it", () => {
  const before = Directory.from(dir({ a: value("MQ=="), b: value("Mg==") }));
  const text = textOf(before);
  before.with(new Map([["a", null]]));
  expect(textOf(before)).toBe(text);
});

test("parsing gives back what was encoded; other tree objects are no directory", () => {
  const entries = { b: symlink("c", "ns"), a: dirref(`sha1-${"0".repeat(40)}`) };
  const directory = Directory.from(dir(entries));
  expect(Directory.parse(directory.encode(encodeUtf8))?.object).toEqual(dir(entries));
  expect(Directory.parse(new TextEncoder().encode(encodeTreeObject(value(""))))).toBeUndefined();
  expect(() => Directory.parse(new Uint8Array(3))).toThrow();
});

test("names that objects treat specially are names like others", () => {
  const directory = Directory.empty.with(new Map([["__proto__", value("MQ==")]]));
  expect(Object.keys(directory.object.data)).toEqual(["__proto__"]);
  expect(Directory.parse(directory.encode(encodeUtf8))?.get("__proto__")).toEqual(value("MQ=="));
});
