import { expect, test } from "vitest";
import { maxRetainedBytes, RetainedOutput } from "./retained-output.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const sizeOf = (retained: RetainedOutput): number =>
  retained.output.reduce((sum, { data }) => sum + data!.length, 0);

test("output is kept in order, with the stream it came from", () => {
  const retained = new RetainedOutput();
  retained.push("stdout", bytes("a\n"));
  retained.push("stderr", bytes("b\n"));
  expect(retained.output).toEqual([
    { stream: "stdout", data: bytes("a\n") },
    { stream: "stderr", data: bytes("b\n") },
  ]);
});

test("the oldest pieces go when there is too much", () => {
  const retained = new RetainedOutput();
  for (let i = 0; i < 100; i++) retained.push("stdout", bytes(`${i}`.padEnd(999, ".")));
  expect(sizeOf(retained)).toBeLessThanOrEqual(maxRetainedBytes);
  expect(retained.output).toHaveLength(8);
  expect(new TextDecoder().decode(retained.output.at(-1)!.data)).toMatch(/^99\./);
});

test("of a piece that is too large the last whole lines are kept, or the end of its last line", () => {
  const lines = new RetainedOutput();
  lines.push("stdout", bytes(Array.from({ length: 1000 }, (_, i) => `line ${i}\n`).join("")));
  const kept = new TextDecoder().decode(lines.output[0]!.data);
  expect(kept).toMatch(/^line \d+\n/);
  expect(kept.endsWith("line 999\n")).toBe(true);
  const long = new RetainedOutput();
  long.push("stdout", bytes(`${"x".repeat(20_000)}\n`));
  expect(sizeOf(long)).toBe(maxRetainedBytes);
});
