import { expect, test } from "vitest";
import { pythonJson } from "../output/python-json.ts";
import { isSameUpdate, jobspecUpdates } from "./jobspec-updates.ts";

async function updates(words: string[], duration = 0): Promise<string> {
  return pythonJson(await jobspecUpdates(words, "ƒ1", async () => duration));
}

test("keys are completed", async () => {
  expect(await updates(["name=foo", "bank=b", "tasks.x=1"])).toBe(
    '{"attributes.system.job.name": "foo", "attributes.system.bank": "b", "tasks.x": 1}',
  );
});

test("values are JSON, or else text", async () => {
  expect(await updates(['a={"b":[1]}', "c=d e", "f"])).toBe(
    '{"attributes.system.a": {"b": [1]}, "attributes.system.c": "d e", "attributes.system.f": ""}',
  );
});

test("durations are FSD; unlimited is 0", async () => {
  expect(await updates(["duration=1m"])).toBe('{"attributes.system.duration": 60.0}');
  expect(await updates(["duration=inf"])).toBe('{"attributes.system.duration": 0.0}');
});

test("durations may be relative to the current one", async () => {
  expect(await updates(["duration=+1m"], 30)).toBe('{"attributes.system.duration": 90.0}');
  expect(await updates(["duration=-10s"], 30)).toBe('{"attributes.system.duration": 20.0}');
  await expect(updates(["duration=-30"], 30)).rejects.toThrow(
    "current duration for ƒ1 (30s) cannot be reduced by 30",
  );
  await expect(updates(["duration=+1"])).rejects.toThrow(
    "duration for ƒ1 is unlimited, can't update by +1",
  );
  await expect(updates(["duration=x"])).rejects.toThrow("invalid Flux standard duration");
});

test("an event may say more than was asked for", () => {
  expect(isSameUpdate({ a: 1 }, { a: 1, b: 2 })).toBe(true);
  expect(isSameUpdate({ a: 1 }, { a: 2 })).toBe(false);
});
