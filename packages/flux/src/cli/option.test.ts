import { expect, test } from "vitest";
import { spellingOf } from "./option.ts";

test("a spec says how an option is written and whether it takes a value", () => {
  expect(spellingOf("-c, --count=N")).toEqual({
    short: "c",
    long: "count",
    argument: "required",
    argumentName: "N",
  });
  expect(spellingOf("--color[=WHEN]")).toMatchObject({
    long: "color",
    argument: "optional",
    argumentName: "WHEN",
  });
  expect(spellingOf("-a")).toEqual({ short: "a", argument: "none", argumentName: "" });
  expect(spellingOf("--at=")).toMatchObject({ argument: "required", argumentName: "" });
});

test("brackets that belong to the value's name stay", () => {
  expect(spellingOf("-u, --user=[USERNAME|UID]").argumentName).toBe("[USERNAME|UID]");
  expect(spellingOf("--add-file=[NAME=]PATH").argumentName).toBe("[NAME=]PATH");
});
