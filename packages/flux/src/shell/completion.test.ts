import { expect, test } from "vitest";
import { Completion } from "./completion.ts";

test("it is free when everything is released as often as it was held", async () => {
  const completion = new Completion();
  completion.hold("a");
  completion.hold("a");
  completion.hold("b");
  let isFree = false;
  const free = completion.free().then(() => {
    isFree = true;
  });
  for (const name of ["a", "b", "nothing"]) completion.release(name);
  await Promise.resolve();
  expect(isFree).toBe(false);
  completion.release("a");
  await free;
  await completion.free();
});
