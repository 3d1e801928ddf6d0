import { expect, test } from "vitest";
import { NodeResources } from "./node-resources.ts";
import { ResourceSet } from "./resource-set.ts";
import { parseVerifyConfig, type VerifyConfig, verifyResources } from "./verify.ts";

function node(core: string, gpu = "", hostname: string | undefined = "n1"): ResourceSet {
  return ResourceSet.of([{ rank: 1, hostname, resources: NodeResources.parse({ core, gpu }) }]);
}

test.each<[VerifyConfig["default"], string, boolean, string | undefined]>([
  ["strict", "0-3", true, undefined],
  ["strict", "0-2", false, "rank 1 (n1) missing resources: core3"],
  ["strict", "0-4", true, "rank 1 (n1) has extra resources: core4"],
  ["allow-missing", "0-2", true, undefined],
  ["allow-extra", "0-4", true, undefined],
  ["allow-extra", "0-2", false, "rank 1 (n1) missing resources: core3"],
  ["ignore", "7", true, undefined],
])("mode %s with cores %s", (mode, cores, ok, text) => {
  expect(verifyResources(node("0-3"), node(cores), { default: mode })).toEqual({
    ok,
    ...(text && { text }),
  });
});

test("modes may differ by what is compared", () => {
  const config: VerifyConfig = { default: "strict", gpu: "ignore", hostname: "ignore" };
  expect(verifyResources(node("0", "0"), node("0", "", "x"), config)).toEqual({ ok: true });
  expect(verifyResources(node("0"), node("0", "", "x"), { default: "strict" }).text).toBe(
    "rank 1 got hostname 'x', expected 'n1'",
  );
});

test("an unknown host name is no difference", () => {
  const nameless = ResourceSet.of([
    { rank: 1, hostname: undefined, resources: NodeResources.parse({ core: "0" }) },
  ]);
  expect(verifyResources(node("0"), nameless)).toEqual({ ok: true });
});

test("modes are configured in a table, or all by one boolean", () => {
  expect(parseVerifyConfig(undefined)).toEqual({ default: "strict" });
  expect(parseVerifyConfig(true)).toEqual({ default: "strict" });
  expect(parseVerifyConfig(false)).toEqual({ default: "ignore" });
  const base = { default: "allow-extra", gpu: "ignore" } as const;
  expect(parseVerifyConfig({ core: "strict" }, base)).toEqual({ ...base, core: "strict" });
});

test.each([
  ["yes", "verify must be a table or boolean"],
  [{ core: 1 }, "verify.core mode must be a string"],
  [{ core: "maybe" }, "verify.core: unknown verify mode 'maybe'"],
  [{ nic: "strict" }, "verify: unsupported resource type: nic"],
])("configuration %j is refused", (value, message) => {
  expect(() => parseVerifyConfig(value)).toThrow(message);
});
