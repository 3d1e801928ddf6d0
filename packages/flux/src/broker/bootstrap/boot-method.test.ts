import { expect, test } from "vitest";
import { bootMethod } from "./boot-method.ts";

const pmi = { PMI_FD: "3", PMI_RANK: "0", PMI_SIZE: "2" };

test("a [bootstrap] table comes first, then PMI, then alone", () => {
  expect(bootMethod({ config: { bootstrap: {} }, env: pmi, forced: undefined })).toBe("config");
  expect(bootMethod({ config: {}, env: pmi, forced: undefined })).toBe("simple");
  expect(bootMethod({ config: {}, env: {}, forced: undefined })).toBe("single");
  const partial = { PMI_FD: "3", PMI_RANK: "0" };
  expect(bootMethod({ config: {}, env: partial, forced: undefined })).toBe("single");
});

test("the environment may give another order, and the attribute one method", () => {
  const env = { ...pmi, FLUX_PMI_CLIENT_METHODS: "libpmi single simple" };
  expect(bootMethod({ config: {}, env, forced: undefined })).toBe("single");
  expect(bootMethod({ config: {}, env, forced: "simple:x" })).toBe("simple");
  expect(() => bootMethod({ config: {}, env: {}, forced: "simple" })).toThrow(
    "boot method simple cannot be used here",
  );
  expect(() => bootMethod({ config: {}, env: {}, forced: "pmix" })).toThrow(
    'boot method "pmix" is unknown',
  );
});
