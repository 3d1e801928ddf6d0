import { Idset } from "@flux-ts/protocol/text/idset";
import { expect, test } from "vitest";
import { type MonitorEvent, MonitorState } from "./monitor-state.ts";

const text = (events: MonitorEvent[]): string[] =>
  events.map(({ name, ranks }) => `${name} ${ranks.encode()}`);

test("who came and who went is told, and nothing when nobody did", () => {
  const state = new MonitorState(4);
  expect(text(state.onOnline(Idset.parse("0-2")))).toEqual(["online 0-2"]);
  expect(text(state.onOnline(Idset.parse("0-2")))).toEqual([]);
  expect(text(state.onOnline(Idset.parse("0,3")))).toEqual(["online 3", "offline 1-2"]);
  expect(state.up.encode()).toBe("0,3");
  expect(state.down.encode()).toBe("1-2");
});

test("only ranks that were up can be lost, and they are found again", () => {
  const state = new MonitorState(3);
  state.onOnline(Idset.parse("0-1"));
  expect(state.lost.encode()).toBe("");
  state.onOnline(Idset.of(0));
  expect(state.lost.encode()).toBe("1");
  state.onOnline(Idset.parse("0-1"));
  expect(state.lost.encode()).toBe("");
});

test("torpid brokers become lively again", () => {
  const state = new MonitorState(4);
  expect(text(state.onTorpid(Idset.of(1, 2)))).toEqual(["torpid 1-2"]);
  expect(text(state.onTorpid(Idset.of(2)))).toEqual(["lively 1"]);
  expect(state.torpid.encode()).toBe("2");
});
