import fc from "fast-check";
import { expect, test } from "vitest";
import { LineBuffer, splitLines } from "./line-buffer.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array | undefined): string | undefined =>
  data && new TextDecoder().decode(data);

test("output comes in whole lines, several together, the rest at the end", () => {
  const buffer = new LineBuffer(100);
  expect(text(buffer.push(bytes("one")))).toBeUndefined();
  expect(text(buffer.push(bytes(" line\ntwo\nthr")))).toBe("one line\ntwo\n");
  expect(text(buffer.push(bytes("ee\n")))).toBe("three\n");
  expect(text(buffer.push(bytes("four")))).toBeUndefined();
  expect(text(buffer.end())).toBe("four");
  expect(buffer.end()).toBeUndefined();
});

test("a line longer than the limit comes in pieces", () => {
  const buffer = new LineBuffer(8);
  expect(buffer.push(bytes("1234"))).toBeUndefined();
  expect(text(buffer.push(bytes("56789")))).toBe("123456789");
  expect(text(buffer.push(bytes("\n")))).toBe("\n");
});

test("nothing is lost, added or reordered, however the stream is cut", () => {
  const chunks = fc.array(fc.stringMatching(/^[ab\n]{0,12}$/), { maxLength: 20 });
  fc.assert(
    fc.property(chunks, fc.integer({ min: 1, max: 20 }), (parts, limit) => {
      const buffer = new LineBuffer(limit);
      const pieces = parts.map((part) => text(buffer.push(bytes(part))) ?? "");
      for (const piece of pieces) {
        if (!piece.endsWith("\n") && piece !== "")
          expect(piece.length).toBeGreaterThanOrEqual(limit);
      }
      expect(pieces.join("") + (text(buffer.end()) ?? "")).toBe(parts.join(""));
    }),
  );
});

test("lines are split at newlines, which a last line may lack", () => {
  const split = (s: string): (string | undefined)[] => splitLines(bytes(s)).map(text);
  expect(split("a\n\nb\n")).toEqual(["a", "", "b"]);
  expect(split("a\nb")).toEqual(["a", "b"]);
  expect(split("")).toEqual([]);
});
