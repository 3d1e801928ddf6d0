import { Idset } from "@flux-ts/protocol/text/idset";
import { expect, test } from "vitest";
import { DrainState } from "./drain-state.ts";

const at = (timestamp: number, reason?: string) => ({ timestamp, reason });
const none = new Idset();

function text(state: DrainState): string[] {
  return state
    .groups()
    .map(({ ranks, timestamp, reason }) => `${ranks.encode()} ${timestamp} ${reason ?? "-"}`);
}

test("RFC 44 overwrite 0 gives a reason only to what had none, and keeps the time", () => {
  const state = new DrainState(4);
  state.drain(Idset.of(0, 1), at(10), 0);
  state.drain(Idset.of(1), at(20, "a"), 0);
  state.drain(Idset.of(1), at(30, "b"), 0);
  expect(text(state)).toEqual(["0 10 -", "1 10 a"]);
});

test("RFC 44 overwrite 1 replaces the reason, 2 the time as well", () => {
  const state = new DrainState(4);
  state.drain(Idset.of(0, 1), at(10, "a"), 0);
  state.drain(Idset.of(0), at(20, "b"), 1);
  state.drain(Idset.of(1), at(20, "b"), 2);
  expect(text(state)).toEqual(["0 10 b", "1 20 b"]);
});

test("ranks drained in the same second for the same reason are one group", () => {
  const state = new DrainState(9);
  state.drain(Idset.parse("1-2"), at(10.2, "a"), 0);
  state.drain(Idset.of(5), at(9.8, "a"), 0);
  expect(text(state)).toEqual(["1-2,5 10 a"]);
  state.undrain(Idset.of(2));
  expect(state.ranks.encode()).toBe("1,5");
});

test("ranks out of range are left out", () => {
  const state = new DrainState(2);
  state.drain(Idset.parse("1-5"), at(1), 0);
  expect(state.ranks.encode()).toBe("1");
});

test("what is drained for a reason, or excluded, is not drained without a mode", () => {
  const state = new DrainState(4);
  state.drain(Idset.of(0), at(1, "a"), 0);
  state.drain(Idset.of(1), at(1), 0);
  expect(() => state.checkDrain(Idset.parse("1-3"), none)).not.toThrow();
  expect(() => state.checkDrain(Idset.parse("0-3"), none)).toThrow("rank 0 already drained");
  expect(() => state.checkDrain(Idset.of(2, 3), Idset.of(2, 3))).toThrow("ranks 2-3 excluded");
  expect(() => state.checkUndrain(Idset.parse("0-3"))).toThrow("ranks 2-3 not drained");
});
