import { expect, test } from "vitest";
import { renderMustache } from "./mustache.ts";

const render = (template: string): string =>
  renderMustache(template, (tag) => ({ id: "f1", "task.id": "3" })[tag]);

test("known tags are replaced, unknown ones stay", () => {
  expect(render("a-{{id}}-{{task.id}}.out")).toBe("a-f1-3.out");
  expect(render("{{id}}{{nope}}{{id}}")).toBe("f1{{nope}}f1");
});

test("a text without tags, or with one that does not end, stays", () => {
  expect(render("plain")).toBe("plain");
  expect(render("{{id} {{id")).toBe("{{id} {{id");
  expect(render("")).toBe("");
});
