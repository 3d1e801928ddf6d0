import { decodeIo } from "@flux-ts/protocol/job/output";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ioPieces, linesOf } from "./pieces.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("each line is a piece, and what follows the last one", () => {
  expect(ioPieces("stdout", "3", bytes("a\nb\n\nc")).map(({ io }) => io)).toEqual([
    { stream: "stdout", rank: "3", data: "a\n" },
    { stream: "stdout", rank: "3", data: "b\n" },
    { stream: "stdout", rank: "3", data: "\n" },
    { stream: "stdout", rank: "3", data: "c" },
  ]);
  expect(linesOf(bytes("x\ny"))).toEqual([bytes("x\n"), bytes("y")]);
});

test("only lines that are not UTF-8 are encoded as base64", () => {
  const data = Uint8Array.of(0x61, 10, 0xff, 10);
  expect(ioPieces("stderr", "0", data).map(({ io }) => io)).toEqual([
    { stream: "stderr", rank: "0", data: "a\n" },
    { stream: "stderr", rank: "0", data: "/wo=", encoding: "base64" },
  ]);
});

test("the pieces together are the output", () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.string({ unit: "binary" }).map(bytes)), (data) => {
      const pieces = ioPieces("stdout", "0", data);
      const joined = Buffer.concat(pieces.map(({ io }) => decodeIo(io).data!));
      expect(joined.equals(data)).toBe(true);
      expect(pieces.reduce((sum, { size }) => sum + size, 0)).toBe(data.length);
    }),
  );
});
