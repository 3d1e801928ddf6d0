import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { expect, test } from "vitest";
import { resourceOptions } from "./resource-options.ts";

const options = (resource: JsonObject, ...args: string[]) => resourceOptions({ resource }, args);

test("without a table the defaults hold", () => {
  expect(resourceOptions({}, [])).toMatchObject({
    configured: undefined,
    journalMax: 100_000,
    historySeconds: 90 * 86_400,
    verify: { default: "allow-extra", gpu: "ignore", hostname: "strict" },
    verifyAlways: false,
    noVerify: false,
    forceUp: false,
  });
});

test("an explicit verify table replaces the lenient defaults", () => {
  expect(options({ verify: { core: "ignore" } })).toMatchObject({
    verify: { default: "strict", core: "ignore" },
    verifyAlways: true,
  });
});

test("module arguments add to the table", () => {
  expect(options({}, "monitor-force-up", "noverify", "notruncate")).toMatchObject({
    forceUp: true,
    noVerify: true,
    noTruncate: true,
  });
  expect(() => options({}, "bogus")).toThrow("unknown option: bogus");
});

test("mistakes are refused with their place", () => {
  expect(() => options({ bogus: 1 })).toThrow("error parsing [resource] configuration");
  expect(() => options({ config: [{ cores: "0" }] })).toThrow(
    "error parsing [resource.config] array",
  );
  expect(() => options({ scheduling: "/x" })).toThrow("resource.scheduling requires");
  expect(() => options({ history: "often" })).toThrow("invalid history time");
});
