import { expect, test } from "vitest";
import { type BootAttributes, hostlistOf, setGroupAttributes } from "./boot-attributes.ts";
import { criticalNodes } from "./notify-parent.ts";
import { type ProcessGroup, singleGroup } from "./process-group.ts";

function attributesFrom(initial: Record<string, string> = {}): BootAttributes & {
  all: Record<string, string | null>;
} {
  const all: Record<string, string | null> = { ...initial };
  return { all, get: (name) => all[name] ?? undefined, set: (name, value) => (all[name] = value) };
}

const env = { FLUX_URI: "local:///p", FLUX_KVS_NAMESPACE: "job-1", FLUX_JOB_ID_PATH: "/ƒuzz" };

function launched(pairs: Record<string, string>): ProcessGroup {
  const get = (key: string) => Promise.resolve(pairs[key]);
  return { ...singleGroup(), method: "simple", rank: 1, size: 4, name: "ƒuzz", get };
}

test("an instance alone is not under Flux and on one node", async () => {
  const attributes = attributesFrom();
  expect(await setGroupAttributes(singleGroup(), attributes, env)).toBe(false);
  expect(attributes.all).toEqual({
    "broker.boot-method": "single",
    "instance-level": "0",
    jobid: null,
    "parent-uri": null,
    "parent-kvs-namespace": null,
    "jobid-path": "/",
    "broker.mapping": "[[0,1,1,1]]",
  });
});

test("a job of Flux knows its level, id, mapping and interface", async () => {
  const attributes = attributesFrom();
  const group = launched({
    "flux.instance-level": "2",
    "flux.taskmap": '{"version":1,"map":[[0,2,2,1]]}',
    "flux.tbon-interface-hint": "eth0",
    PMI_process_mapping: "(vector,(0,4,1))",
  });
  expect(await setGroupAttributes(group, attributes, env)).toBe(true);
  expect(attributes.all).toEqual({
    "broker.boot-method": "simple",
    "instance-level": "2",
    jobid: "ƒuzz",
    "parent-uri": "local:///p",
    "parent-kvs-namespace": "job-1",
    "jobid-path": "/ƒuzz",
    "broker.mapping": "[[0,2,2,1]]",
    "tbon.interface-hint": "eth0",
  });
});

test("other launchers may say where the brokers run, or not", async () => {
  const attributes = attributesFrom({ "tbon.interface-hint": "ib0" });
  await setGroupAttributes(launched({ PMI_process_mapping: "(vector,(0,1,4))" }), attributes, env);
  expect(attributes.all["broker.mapping"]).toBe("[[0,1,4,1]]");
  await setGroupAttributes(launched({}), attributes, env);
  expect(attributes.all["broker.mapping"]).toBeNull();
  expect(attributes.all.jobid).toBeNull();
});

test("the hostlist has a host as often as it has brokers", () => {
  expect(hostlistOf(["vm", "vm", "vm"])).toBe("vm,vm,vm");
  expect(hostlistOf(["n0", "n1", "n2"])).toBe("n[0-2]");
});

test("the nodes a job cannot do without are those of its critical brokers", () => {
  expect(criticalNodes("[[0,2,2,1]]", "0-1")).toBe("0");
  expect(criticalNodes("[[0,2,2,1]]", "0,3")).toBe("0-1");
});
