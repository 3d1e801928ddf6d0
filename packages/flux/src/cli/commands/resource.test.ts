import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { type TestBroker, testBroker } from "@flux-ts/testing/broker";
import { type CommandResult, runInProcess } from "@flux-ts/testing/run-command";
import { configModule } from "flux-ts/broker/config-module";
import { expect, test } from "vitest";
import content from "../../modules/content/content.ts";
import groups from "../../modules/groups/groups.ts";
import kvs from "../../modules/kvs/kvs.ts";
import resourceModule from "../../modules/resource/resource.ts";
import resource from "./resource.ts";

const queues = { batch: { requires: ["batch"] }, debug: { requires: ["debug"] } };

/** Four nodes that are up, in two queues. */
async function instance(table: JsonObject = {}): Promise<TestBroker> {
  const node = { cores: "0-3" };
  const config = [
    { ...node, hosts: "n[0-2]", properties: ["batch"] },
    { ...node, hosts: "n3", properties: ["debug"] },
  ];
  const broker = await testBroker({
    modules: [groups, content, kvs],
    size: 4,
    attrs: { hostlist: "n[0-3]", "tbon.descendants": "3" },
    config: { queues, resource: { config, noverify: true, ...table } },
  });
  await broker.load(configModule(broker.core, () => undefined));
  await broker.load(resourceModule, ["monitor-force-up"]);
  return broker;
}

function run(broker: TestBroker, args: string): Promise<CommandResult> {
  return runInProcess(resource, args.split(" "), { connect: () => broker.connect() });
}

async function shown(broker: TestBroker, args: string): Promise<string> {
  const { out, err } = await run(broker, args);
  return (out || err).trimEnd();
}

test("list shows resources by state and queue", async () => {
  await using broker = await instance();
  await run(broker, "drain 1");
  expect(await shown(broker, "list")).toBe(
    [
      "     STATE QUEUE NNODES NCORES NGPUS NODELIST",
      "      free batch      2      8     0 n[0,2]",
      "      free debug      1      4     0 n3",
      " allocated batch      0      0     0 ",
      " allocated debug      0      0     0 ",
      "      down batch      1      4     0 n1",
    ].join("\n"),
  );
  expect(await shown(broker, "list -q debug -s up -no {nodelist}")).toBe("n3");
  expect(await shown(broker, "list -no {nnodes}")).toBe("4");
});

test("info and R tell of the same", async () => {
  await using broker = await instance();
  expect(await shown(broker, "info")).toBe("4 Nodes, 16 Cores, 0 GPUs");
  expect(await shown(broker, "info -i n[0-1]")).toBe("2 Nodes, 8 Cores, 0 GPUs");
  expect(JSON.parse(await shown(broker, "R -i 3"))).toEqual({
    version: 1,
    execution: {
      R_lite: [{ rank: "3", children: { core: "0-3" } }],
      starttime: 0,
      expiration: 0,
      nodelist: ["n3"],
      properties: { debug: "3" },
    },
  });
});

test("status shows ranks by administrative state", async () => {
  await using broker = await instance({ exclude: "0" });
  await run(broker, "drain 1-2 bad disk");
  expect(await shown(broker, "status -no {state}:{status}:{ranks}:{reason}")).toBe(
    ["avail:online:3:", "exclude:online:0:", "drained:online:1-2:bad disk"].join("\n"),
  );
  expect(await shown(broker, "status -s drained")).toBe(
    ["       STATEUP NNODES NODELIST", "     drained ✔      2 n[1-2]"].join("\n"),
  );
  expect(await shown(broker, "status -s bogus")).toContain("Invalid resource state bogus");
});

test("what follows the targets of drain is the reason, whatever it looks like", async () => {
  await using broker = await instance();
  await run(broker, "drain 1 -f is no option here");
  expect(await shown(broker, "drain -no {reason}")).toBe("-f is no option here");
});

test("a rank is drained once, or with --force", async () => {
  await using broker = await instance();
  await run(broker, "drain 1 first");
  const again = await run(broker, "drain 1 second");
  expect(again).toEqual({
    status: 1,
    out: "",
    err:
      "flux-resource: ERROR: [Errno 17] rank 1 already drained\n" +
      "flux-resource: INFO: Use --force to overwrite existing drain reason\n",
  });
  expect((await run(broker, "drain -f 1 second")).status).toBe(0);
  expect(await shown(broker, "drain -no {reason}")).toBe("second");
  expect((await run(broker, "undrain 1")).status).toBe(0);
  expect(await shown(broker, "undrain 1")).toBe("flux-resource: ERROR: rank 1 not drained");
});

test("eventlog shows what happened to resources, or to some of them", async () => {
  await using broker = await instance();
  await run(broker, "drain 1 why");
  const { out } = await run(broker, "eventlog");
  expect(out.replace(/^[\d.]+ /gm, "").split("\n")).toEqual([
    'restart ranks="0-3" online="0-3" nodelist="n[0-3]"',
    'resource-define method="configuration"',
    'drain idset="1" nodelist="n1" reason="why" overwrite=0',
    "",
  ]);
  expect((await shown(broker, "eventlog -i n2")).split("\n")).toHaveLength(1);
  const { err } = await run(broker, "eventlog -w drain -m idset=x -t 0.05");
  expect(err).toBe("flux-resource: ERROR: ETIMEDOUT: Connection timed out\n");
});

test("usage errors are argparse's", async () => {
  const { status, err } = await runInProcess(resource, ["undrain"]);
  expect(status).toBe(2);
  expect(err).toBe(
    "usage: flux-resource undrain [-h] [-u] [-f] targets ...\n" +
      "flux-resource undrain: error: the following arguments are required: targets, reason\n",
  );
});
