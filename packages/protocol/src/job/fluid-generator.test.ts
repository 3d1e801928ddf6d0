import { expect, test } from "vitest";
import { fluidTimestamp, formatJobId } from "./fluid.ts";
import { FluidGenerator } from "./fluid-generator.ts";

test("ids tell the time since the epoch, the generator and the sequence in a millisecond", () => {
  const generator = new FluidGenerator({ generator: 5, timestampMs: 1000 }, 77.25);
  const ids = [77.25, 77.5, 80.25, 80.25].map((now) => generator.generate(now));
  expect(ids.map((id) => formatJobId(id, "dothex"))).toEqual([
    "0000.0003.e800.1400",
    "0000.0003.e800.1401",
    "0000.0003.eb00.1400",
    "0000.0003.eb00.1401",
  ]);
});

test("ids ascend strictly whatever the clock does", () => {
  const generator = new FluidGenerator({ generator: 0, timestampMs: 0 }, 0);
  let last = -1n;
  for (let i = 0; i < 10_000; i++) {
    const id = generator.generate([0, 3, 1, 2][i % 4]! + i / 5000);
    expect(id > last).toBe(true);
    last = id;
  }
});

test("a millisecond without ids left borrows from the next", () => {
  const generator = new FluidGenerator({ generator: 1, timestampMs: 0 }, 0);
  const ids = Array.from({ length: 2049 }, () => generator.generate(0));
  expect(new Set(ids).size).toBe(2049);
  expect(fluidTimestamp(ids[1023]!)).toBe(0);
  expect(fluidTimestamp(ids[1024]!)).toBe(1);
  expect(fluidTimestamp(ids[2048]!)).toBe(2);
  expect(fluidTimestamp(generator.generate(1))).toBe(2);
  expect(fluidTimestamp(generator.generate(3))).toBe(3);
});

test("another generator can go on from the timestamp of one", () => {
  const leader = new FluidGenerator({ generator: 0, timestampMs: 500 }, 10);
  expect(leader.timestampMs(25.5)).toBe(515);
  const follower = new FluidGenerator({ generator: 1, timestampMs: leader.timestampMs(26) }, 9000);
  expect(fluidTimestamp(follower.generate(9001))).toBe(517);
});

test("no id is given after the last timestamp", () => {
  const generator = new FluidGenerator({ generator: 0, timestampMs: 2 ** 40 - 1 }, 0);
  expect(generator.generate(0)).toBe((2n ** 40n - 1n) << 24n);
  expect(() => generator.generate(1)).toThrow(expect.objectContaining({ code: "EOVERFLOW" }));
});

test("a generator number beyond 14 bits is refused", () => {
  for (const generator of [-1, 16384, 0.5]) {
    expect(() => new FluidGenerator({ generator, timestampMs: 0 }, 0)).toThrow("0-16383");
  }
});
