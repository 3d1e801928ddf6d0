import { expect, test } from "vitest";
import { pluginOptions } from "./plugin-options.ts";
import { settingsOf } from "./settings.ts";

test("by default the jobspec validator checks and nothing is changed", () => {
  expect(settingsOf({}, [])).toEqual({
    validator: { isEnabled: true, plugins: ["jobspec"], args: [] },
    frobnicator: { isEnabled: false, plugins: ["defaults", "constraints"], args: [] },
    batchCount: 0,
    bufferSize: "10M",
    maxGenerator: 16367,
    allowRoot: false,
  });
});

test("queues and jobspec defaults need the frobnicator, unless it is disabled", () => {
  const isEnabled = (config: object) => settingsOf({ ...config }, []).frobnicator.isEnabled;
  expect(isEnabled({ queues: { debug: {} } })).toBe(true);
  expect(isEnabled({ policy: { jobspec: { defaults: {} } } })).toBe(true);
  expect(isEnabled({ policy: { limits: {} } })).toBe(false);
  const disabled = { queues: { debug: {} }, ingest: { frobnicator: { disable: true } } };
  expect(isEnabled(disabled)).toBe(false);
});

test("module arguments override the configuration", () => {
  const config = { ingest: { validator: { plugins: ["feasibility"], args: ["--x"] } } };
  expect(settingsOf(config, []).validator.plugins).toEqual(["feasibility"]);
  const args = ["validator-plugins=jobspec,a", "validator-args=--require-version,any"];
  expect(settingsOf(config, args).validator).toEqual({
    isEnabled: true,
    plugins: ["jobspec", "a"],
    args: ["--require-version", "any"],
  });
  expect(settingsOf(config, ["disable-validator"]).validator.isEnabled).toBe(false);
  expect(settingsOf({}, ["batch-count=7", "max-fluid-generator-id=3"])).toMatchObject({
    batchCount: 7,
    maxGenerator: 3,
  });
});

test("what makes no sense is refused", () => {
  expect(() => settingsOf({}, ["foo"])).toThrow("Invalid option: foo");
  expect(() => settingsOf({}, ["batch-count=x"])).toThrow("Invalid batch-count: batch-count=x");
  expect(() => settingsOf({ ingest: { "buffer-size": "big" } }, [])).toThrow(
    "Invalid buffer-size: 'big'",
  );
  expect(() => settingsOf({ ingest: { validator: { plugins: 1 } } }, [])).toThrow(
    "error in [ingest.validator] plugins array",
  );
  expect(() => settingsOf({ ingest: 1 }, [])).toThrow("error parsing [ingest] config table");
});

test("built-in plugins take their options in both spellings", () => {
  expect(pluginOptions(["--require-version=any"]).requireVersion).toBe("any");
  expect(pluginOptions(["--require-version", "1"]).requireVersion).toBe(1);
  expect(() => pluginOptions(["--require-version=2"])).toThrow(
    "Required jobspec version too high: 2 is > 1",
  );
  expect(() => pluginOptions(["--require-version=0"])).toThrow(
    "Required jobspec version too low: 0 is < 1",
  );
  expect(pluginOptions(["--require-instance-minnodes=4", "--other"]).instanceSize).toEqual({
    minnodes: 4,
  });
});
