import { checkFileref, fileContent, fileOf, fileTypeOf } from "@flux-ts/protocol/job/fileref";
import type { Json } from "@flux-ts/protocol/schema/json";
import { expect, test } from "vitest";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (file: Json, key?: string) =>
  new TextDecoder().decode(fileContent(checkFileref(file, key)));

test("RFC 37 Implementation: mode is required", () => {
  expect(() => checkFileref({ path: "a" })).toThrow("mode");
});

test("RFC 37 Implementation: path is required in a list, and not allowed in a dictionary", () => {
  expect(() => checkFileref({ mode: 33204 })).toThrow("path is missing");
  expect(() => checkFileref({ mode: 33204, path: "a" }, "a")).toThrow("path given");
  expect(() => checkFileref({ mode: 33204 }, "a")).not.toThrow();
});

test.each(["/etc/passwd", "../x", "a/../b", "a/./b"])(
  "RFC 37 Implementation: path %s is not allowed",
  (path) => {
    expect(() => checkFileref({ path, mode: 33204 })).toThrow(path);
  },
);

test("RFC 37 Directories: have no size, data or encoding", () => {
  const directory = { path: "appdata/phase1", mode: 16893, mtime: 1677604007, ctime: 1677604007 };
  expect(fileTypeOf(checkFileref(directory))).toBe("directory");
  for (const extra of [{ size: 0 }, { data: "" }, { encoding: "utf-8" }]) {
    expect(() => checkFileref({ ...directory, ...extra })).toThrow("a directory has no");
  }
});

test("RFC 37 Symbolic Links: data is the target; there is no size or encoding", () => {
  const link = { path: "src", mode: 41471, data: "/users/fred/work/project" };
  expect(fileTypeOf(checkFileref(link))).toBe("symlink");
  expect(() => checkFileref({ path: "src", mode: 41471 })).toThrow("missing symlink data");
  for (const extra of [{ size: 0 }, { encoding: "utf-8" }]) {
    expect(() => checkFileref({ ...link, ...extra })).toThrow("a symlink has no");
  }
});

test("RFC 37 Empty Files: have a size and no data", () => {
  expect(fileOf(bytes(""), 0o664, { path: "empty" })).toEqual({
    path: "empty",
    mode: 33204,
    size: 0,
  });
  expect(text({ path: "empty", mode: 33204, size: 0, mtime: 1677604909, ctime: 1677604909 })).toBe(
    "",
  );
});

test("RFC 37 JSON Content: is not encoded", () => {
  const data = { resource: { exclude: "node42" } };
  expect(JSON.parse(text({ path: "config.json", mode: 33204, data }))).toEqual(data);
});

test("RFC 37 Text Content: utf-8, with the size of the file", () => {
  const data = "iteration,density\n1,35435.555\n2,356655.332\n3,5454545.500\n";
  const file = fileOf(bytes(data), 0o664, { path: "data.csv" });
  expect(file).toEqual({ path: "data.csv", mode: 33204, encoding: "utf-8", data, size: 57 });
  expect(text(file)).toBe(data);
});

test("RFC 37 Literal Binary Content: base64", () => {
  const data = "MzU0MzUuNTU1CjIsMzU2NjU1LjMzMgozLDU0NTQ1NDUuNTAwCg==";
  const file = { path: "vectors.dat", mode: 33204, encoding: "base64", data, size: 37 };
  expect(text(file)).toBe("35435.555\n2,356655.332\n3,5454545.500\n");
  expect(fileOf(Uint8Array.of(0x80))).toMatchObject({ encoding: "base64", size: 1 });
});

test("RFC 37 Referenced Binary Content: blobvec entries are offset, size and blobref", () => {
  const region = [0, 1048576, "sha1-d4a09c5dd5a0d2d570066b6f13e465c73c3f9944"];
  const file = { path: "kernel8.img", size: 8194604, mode: 33261, encoding: "blobvec" };
  expect(() => checkFileref({ ...file, data: [region] })).not.toThrow();
  for (const entry of [region.slice(0, 2), [...region, 1], ["0", 1, region[2]!], [0, 1, "x"]]) {
    expect(() => checkFileref({ ...file, data: [entry] })).toThrow(
      "is not [offset, size, blobref]",
    );
  }
});
