import { expect, test } from "vitest";
import { ptyOption } from "./pty-option.ts";

const read = (option: Parameters<typeof ptyOption>[0]) => {
  const { ranks, ...others } = ptyOption(option, 4);
  return { ranks: ranks.encode(), ...others };
};

test("a bare option is a captured terminal for every task", () => {
  expect(read(1)).toEqual({ ranks: "0-3", capture: true, interactive: false });
  expect(read({})).toEqual({ ranks: "0-3", capture: true, interactive: false });
});

test("an interactive job has a terminal on its first task, which is not captured", () => {
  expect(read({ interactive: 1 })).toEqual({ ranks: "0", capture: false, interactive: true });
  expect(read({ interactive: 1, ranks: "1-2", capture: 1 })).toEqual({
    ranks: "0-2",
    capture: true,
    interactive: true,
  });
});

test("ranks may be a number, and only those there are count", () => {
  expect(read({ ranks: 2 }).ranks).toBe("2");
  expect(read({ ranks: "3-9" }).ranks).toBe("3");
  expect(() => read({ rank: 2 })).toThrow("invalid shell pty option: rank");
});
