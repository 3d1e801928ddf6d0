import { expect, test } from "vitest";
import { fromCommand } from "./from-command.ts";
import { addFile, jobNameOf, setAttribute, setShellOption, updatedJobspec } from "./jobspec.ts";

test.each([
  ["queue", "system.queue"],
  ["system.queue", "system.queue"],
  ["attributes.system.queue", "system.queue"],
  [".system.queue", "system.queue"],
  ["user.note", "user.note"],
  [".note", "note"],
])("attribute %s is set at attributes.%s", (key, place) => {
  const jobspec = fromCommand(["app"]);
  setAttribute(jobspec, key, "x");
  const [first, second] = place.split(".") as ["system" | "user", string | undefined];
  const at = jobspec.attributes[first];
  expect(second === undefined ? at : at![second]).toBe("x");
});

test("shell options and files are made where they belong", () => {
  const jobspec = fromCommand(["app"]);
  setShellOption(jobspec, "output.mode", "append");
  addFile(jobspec, "f", { mode: 33152, data: 1 });
  expect(jobspec.attributes.system.shell).toEqual({ options: { output: { mode: "append" } } });
  expect(jobspec.attributes.system.files).toEqual({ f: { mode: 33152, data: 1 } });
});

test("a job without a name goes by its program", () => {
  expect(jobNameOf(fromCommand(["/usr/bin/app", "-x"]))).toBe("app");
  expect(jobNameOf(fromCommand(["app"], { name: "n" }))).toBe("n");
});

test("an update changes a copy", () => {
  const jobspec = fromCommand(["app"], { duration: 60 });
  const updated = updatedJobspec(jobspec, {
    "attributes.system.duration": 100,
    "attributes.system.queue": "batch",
  });
  expect(updated.attributes.system).toMatchObject({ duration: 100, queue: "batch" });
  expect(jobspec.attributes.system).toMatchObject({ duration: 60 });
  expect(jobspec.attributes.system.queue).toBeUndefined();
  expect(() => updatedJobspec(jobspec, { duration: 1 })).toThrow("not part of a jobspec");
});
