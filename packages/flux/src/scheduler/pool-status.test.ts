import { toJobId } from "@flux-ts/protocol/job/fluid";
import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import { expect, test } from "vitest";
import { ResourcePool } from "./pool.ts";
import { poolStatus } from "./pool-status.ts";
import { topologyOf } from "./read-r.ts";

const execution = {
  R_lite: [{ rank: "0-2", children: { core: "0-3" } }],
  nodelist: ["a[0-2]"],
  properties: { "+q": "0", p: "1" },
};

test("resources are shown as all, allocated and down", () => {
  const pool = new ResourcePool(topologyOf(parseR({ version: 1, execution })), 99);
  pool.markUp([0, 1]);
  const share = { node: 0, cores: [1, 2], gpus: [] };
  pool.register(toJobId(1), { shares: [share], nslots: 1, endTime: 0 });
  const { all, allocated, down } = poolStatus(pool);
  expect(all).toEqual({
    version: 1,
    execution: { ...execution, starttime: 0, expiration: 99 },
  });
  expect(allocated.execution).toMatchObject({
    R_lite: [{ rank: "0", children: { core: "1-2" } }],
    properties: { "+q": "0" },
  });
  expect(down.execution).toMatchObject({ R_lite: [{ rank: "2", children: { core: "0-3" } }] });
});

test("a set without resources has no node list", () => {
  const pool = new ResourcePool(topologyOf(parseR({ version: 1, execution })));
  expect(poolStatus(pool).allocated.execution).toEqual({
    R_lite: [],
    starttime: 0,
    expiration: 0,
  });
});
