import { expect, test } from "vitest";
import { SpawnSlots } from "./spawn-slots.ts";

/** Ask for a slot, and note when it is given. */
function ask(slots: SpawnSlots, given: string[], name: string, exclusive = false): Promise<void> {
  return slots.acquire(exclusive).then(() => {
    given.push(name);
  });
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("so many run at a time, and the others in their order", async () => {
  const slots = new SpawnSlots(2, 10);
  const given: string[] = [];
  for (const name of ["a", "b", "c", "d"]) void ask(slots, given, name);
  await turn();
  expect(given).toEqual(["a", "b"]);
  slots.release();
  await turn();
  expect(given).toEqual(["a", "b", "c"]);
});

test("an exclusive one runs alone, and is not overtaken", async () => {
  const slots = new SpawnSlots(2, 10);
  const given: string[] = [];
  void ask(slots, given, "a");
  void ask(slots, given, "alone", true);
  void ask(slots, given, "b");
  void ask(slots, given, "c");
  await turn();
  expect(given).toEqual(["a"]);
  slots.release();
  await turn();
  expect(given).toEqual(["a", "alone"]);
  slots.release();
  await turn();
  expect(given).toEqual(["a", "alone", "b", "c"]);
  slots.release();
  slots.release();
  expect(slots.isIdle).toBe(true);
});

test("more than may wait are refused with EAGAIN", async () => {
  const slots = new SpawnSlots(1, 1);
  await slots.acquire();
  void slots.acquire();
  await expect(slots.acquire()).rejects.toMatchObject({ code: "EAGAIN" });
});
