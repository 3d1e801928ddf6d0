import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeIo, encodeIo, inputHeader, outputHeader, parseOutputEvent } from "./output.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("text travels as it is, other bytes as base64", () => {
  expect(encodeIo({ stream: "stdout", rank: "0", data: bytes("ƒ\n") })).toEqual({
    stream: "stdout",
    rank: "0",
    data: "ƒ\n",
  });
  expect(
    encodeIo({ stream: "stderr", rank: "1", data: Uint8Array.of(0xff, 0), eof: true }),
  ).toEqual({
    stream: "stderr",
    rank: "1",
    encoding: "base64",
    data: "/wA=",
    eof: true,
  });
});

test("any data comes back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.boolean(), (data, eof) => {
      const io = decodeIo(encodeIo({ stream: "stdin", rank: "all", data, eof }));
      expect(io.data).toEqual(data);
      expect(io.eof ?? false).toBe(eof);
    }),
  );
});

test("an io object says something", () => {
  expect(() => encodeIo({ stream: "stdout", rank: "0" })).toThrow("neither data nor eof");
  expect(() => encodeIo({ stream: "stdout", rank: "0", data: bytes("") })).toThrow("neither");
  expect(encodeIo({ stream: "stdout", rank: "0", data: bytes(""), eof: true })).toEqual({
    stream: "stdout",
    rank: "0",
    eof: true,
  });
});

test.each([
  [{ rank: "0", data: "x" }, "data.stream: expected a string"],
  [{ stream: "stdout", rank: 0, data: "x" }, "data.rank: expected a string"],
  [{ stream: "stdout", rank: "0" }, "neither data nor eof"],
  [{ stream: "stdout", rank: "0", data: "?", encoding: "base64" }, "not base64"],
  [{ stream: "stdout", rank: "0", data: "?", encoding: "rot13" }, "unknown encoding rot13"],
  [undefined, "data: expected an object"],
])("io object %j is refused", (json, message) => {
  expect(() => decodeIo(json)).toThrow(message);
});

test("events of an output log", () => {
  const header = outputHeader(2);
  expect(parseOutputEvent({ name: "header", context: header })).toEqual({
    name: "header",
    context: header,
  });
  expect(
    parseOutputEvent({ name: "log", context: { level: 3, message: "oops", rank: 0, line: 7 } }),
  ).toMatchObject({ name: "log", context: { level: 3, message: "oops" } });
  expect(
    parseOutputEvent({ name: "redirect", context: { stream: "stdout", rank: "[0-1]", path: "f" } }),
  ).toMatchObject({ context: { path: "f" } });
  expect(parseOutputEvent({ name: "future" })).toBeUndefined();
  expect(inputHeader().count).toEqual({ stdin: 1 });
});

test("a version that we do not know is refused", () => {
  const context = { ...outputHeader(1), version: 2 };
  expect(() => parseOutputEvent({ name: "header", context })).toThrow("version 2 is not 1");
});
