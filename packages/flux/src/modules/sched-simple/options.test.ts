import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";

test("eight requests at a time unless told otherwise", () => {
  expect(parseOptions([]).queueDepth).toBe(8);
  expect(parseOptions(["queue-depth=3"]).queueDepth).toBe(3);
  expect(parseOptions(["queue-depth=unlimited"]).queueDepth).toBe(Infinity);
  expect(parseOptions(["mode=unlimited"]).queueDepth).toBe(Infinity);
  expect(parseOptions(["mode=limited=42"]).queueDepth).toBe(42);
});

test("wrong arguments are refused by name", () => {
  expect(() => parseOptions(["queue-depth=0"])).toThrow("queue-depth='0' is invalid");
  expect(() => parseOptions(["mode=limited=x"])).toThrow("requires a positive integer");
  expect(() => parseOptions(["log-level=loud"])).toThrow("log-level='loud' is invalid");
  expect(() => parseOptions(["fast"])).toThrow("unknown argument 'fast'");
});
