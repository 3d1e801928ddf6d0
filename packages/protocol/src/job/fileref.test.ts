import fc from "fast-check";
import { expect, test } from "vitest";
import {
  blobvecOf,
  checkFileref,
  directoryOf,
  fileContent,
  fileOf,
  fileTypeOf,
  jsonFileOf,
  symlinkOf,
} from "./fileref.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const blobref = "sha1-d4a09c5dd5a0d2d570066b6f13e465c73c3f9944";

test("a script is kept as text, other bytes as base64", () => {
  expect(fileOf(bytes("#!/bin/sh\n"), 0o700)).toEqual({
    mode: 33216,
    size: 10,
    encoding: "utf-8",
    data: "#!/bin/sh\n",
  });
  expect(fileOf(Uint8Array.of(0xff), 0o600, { path: "x", mtime: 1 })).toEqual({
    path: "x",
    mtime: 1,
    mode: 33152,
    size: 1,
    encoding: "base64",
    data: "/w==",
  });
});

test("any content comes back", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (content) => {
      expect(fileContent(checkFileref(fileOf(content), "a/b"))).toEqual(content);
    }),
  );
});

test("JSON content is written compactly", () => {
  const file = jsonFileOf({ resource: { exclude: "node42" } });
  expect(new TextDecoder().decode(fileContent(file))).toBe('{"resource":{"exclude":"node42"}}');
});

test("an embedded batch script has no size", () => {
  const file = checkFileref({ mode: 33216, data: "#!/bin/sh\n", encoding: "utf-8" }, "script");
  expect(fileContent(file)).toEqual(bytes("#!/bin/sh\n"));
});

test("the kind of object is in its mode", () => {
  expect(fileTypeOf(fileOf(bytes("")))).toBe("file");
  expect(fileTypeOf(directoryOf())).toBe("directory");
  expect(fileTypeOf(symlinkOf("a"))).toBe("symlink");
  expect(fileTypeOf({ mode: 0o020644 })).toBeUndefined();
});

test("content that is elsewhere is not read here", () => {
  expect(() => fileContent(blobvecOf([[0, 1, blobref]], 1), "f")).toThrow("f: content is in the");
  expect(() => fileContent(directoryOf(), "d")).toThrow("d: not a regular file");
  expect(() =>
    fileContent({ path: "p", mode: 33152, size: 3, encoding: "utf-8", data: "ab" }),
  ).toThrow("p: size is 3, content 2 bytes");
});

test.each([
  [1, undefined, "fileref: not an object"],
  [{ mode: 33152 }, undefined, "fileref: path is missing"],
  [{ path: "a", mode: 33152 }, "a", "a: path given although"],
  [{ path: "/a", mode: 33152 }, undefined, "/a: path is not relative"],
  [{ path: "a/../b", mode: 33152 }, undefined, "contains . or .."],
  [{ path: "./b", mode: 33152 }, undefined, "contains . or .."],
  [{ path: "", mode: 33152 }, undefined, "contains . or .."],
  [{ path: "a" }, undefined, "a: mode is not an integer"],
  [{ path: "a", mode: 0o020644 }, undefined, "a: unknown file type (mode=020644)"],
  [{ path: "a", mode: 33152, size: "1" }, undefined, "a: size is not an integer"],
  [{ path: "a", mode: 33152, encoding: "rot13" }, undefined, "a: unknown encoding rot13"],
  [{ path: "a", mode: 33152, encoding: "utf-8", data: {} }, undefined, "data of utf-8 must be"],
  [{ path: "a", mode: 33152, size: 1, encoding: "blobvec", data: {} }, undefined, "an array"],
  [{ path: "a", mode: 33152, encoding: "blobvec", data: [] }, undefined, "size is missing"],
  [{ path: "a", mode: 33152, size: 1, encoding: "blobvec", data: [[0, 1]] }, undefined, "entry"],
  [{ path: "a", mode: 41471 }, undefined, "a: missing symlink data"],
  [{ path: "a", mode: 41471, data: "b", encoding: "utf-8" }, undefined, "has no encoding"],
  [{ path: "a", mode: 16893, size: 1 }, undefined, "a: a directory has no size"],
  [{ path: "a", mode: 16893, data: "x" }, undefined, "a: a directory has no data"],
])("%j under key %j is refused", (value, key, message) => {
  expect(() => checkFileref(value, key)).toThrow(message);
});
