import { expect, test } from "vitest";
import { fromAlloc, fromBatch } from "./from-batch.ts";

const script = "#!/bin/sh\nhostname\n";

test("a batch job carries its script and writes its output to a file", () => {
  const { attributes, tasks } = fromBatch(script, "job.sh", { nslots: 2, args: ["a"] });
  expect(tasks[0]!.command).toEqual(["flux", "broker", "{{tmpdir}}/script", "a"]);
  expect(attributes.system).toMatchObject({
    job: { name: "job.sh" },
    files: { script: { mode: 33216, data: script, encoding: "utf-8" } },
    shell: { options: { output: { stdout: { type: "file", path: "flux-{{id}}.out" } } } },
  });
});

test("a terminal is attached to an allocation, unless it is in the background", () => {
  const options = (o: object) =>
    fromAlloc(["sh"], { nodes: 1, ...o }).attributes.system.shell!.options!.pty;
  expect(options({ interactive: true })).toEqual({ interactive: 1 });
  expect(options({ interactive: true, background: true })).toEqual({ capture: 1 });
  expect(options({})).toBeUndefined();
});

test("the given configuration is not changed by additional brokers", () => {
  const config = { resource: { exclude: "0" } };
  const jobspec = fromAlloc([], { nodes: 2, addBrokers: 1, config });
  expect(jobspec.attributes.system.files!["conf.json"]!.data).toEqual({
    resource: { exclude: "0-1" },
  });
  expect(config).toEqual({ resource: { exclude: "0" } });
});

test("what cannot be started is refused", () => {
  expect(() => fromBatch("echo\n", "x", { nslots: 1 })).toThrow("x does not appear to start with");
  expect(() => fromAlloc([])).toThrow("Number of slots to allocate must be specified");
});
