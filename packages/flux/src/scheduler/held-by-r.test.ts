import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import { Idset } from "@flux-ts/protocol/text/idset";
import { expect, test } from "vitest";
import { allocationOf, nodesNamedBy } from "./held-by-r.ts";
import { topologyOf } from "./read-r.ts";

const R = (rank: string, core: string, gpu?: string) => ({
  version: 1,
  execution: {
    R_lite: [{ rank, children: { core, ...(gpu && { gpu }) } }],
    expiration: 50,
    nslots: 4,
  },
});
const topology = topologyOf(parseR(R("2-4", "8-11", "1-2")));

test("a running job's R becomes what it holds of the pool", () => {
  expect(allocationOf(topology, R("3-4", "8,10", "2"))).toEqual({
    shares: [
      { node: 1, cores: [0, 2], gpus: [1] },
      { node: 2, cores: [0, 2], gpus: [1] },
    ],
    nslots: 4,
    endTime: 50,
  });
});

test("ranks that the job gave back are left out", () => {
  const { shares } = allocationOf(topology, R("2-4", "8"), Idset.of(2, 4));
  expect(shares.map(({ node }) => node)).toEqual([1]);
});

test("an R with ranks that are no longer there cannot be taken over", () => {
  expect(() => allocationOf(topology, R("4-6", "8"))).toThrow(
    "allocation contains ranks not in resource pool: 5-6",
  );
  expect(() => nodesNamedBy(topology, R("7", "8"))).toThrow("rank 7 is in no resource pool");
});

test("a rank that was removed can still be given back", () => {
  const shrunk = topologyOf(parseR(R("2-4", "8-11")));
  shrunk.remove(0);
  expect(nodesNamedBy(shrunk, R("2-3", "8"))).toEqual([0, 1]);
});
