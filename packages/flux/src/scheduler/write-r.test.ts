import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import { expect, test } from "vitest";
import { nodesOf, topologyOf } from "./read-r.ts";
import { writeR } from "./write-r.ts";

const R = {
  version: 1,
  execution: {
    R_lite: [
      { rank: "0-1", children: { core: "0-3" } },
      { rank: "2", children: { core: "0-3", gpu: "0-1" } },
    ],
    nodelist: ["fluke[3-4]", "big"],
    properties: { z: "0-2", a: "1", "+queue": "0" },
  },
};
const topology = topologyOf(parseR(R));
const terms = { starttime: 10, expiration: 20, nslots: 3 };

test("R lists ranks with the same resources once, in ascending order", () => {
  const shares = [
    { node: 2, cores: [0], gpus: [1] },
    { node: 1, cores: [2, 3], gpus: [] },
    { node: 0, cores: [2, 3], gpus: [] },
  ];
  const written = writeR(topology, shares, terms);
  expect(written.R).toEqual({
    version: 1,
    execution: {
      R_lite: [
        { rank: "0-1", children: { core: "2-3" } },
        { rank: "2", children: { core: "0", gpu: "1" } },
      ],
      starttime: 10,
      expiration: 20,
      nslots: 3,
      nodelist: ["fluke[3-4],big"],
      properties: { a: "1", z: "0-2" },
    },
  });
  expect(written.summary).toBe("rank[0-1]/core[2-3] rank2/core0,gpu1");
});

test("the scheduler's own part of R rides along", () => {
  const shares = [{ node: 2, cores: [0], gpus: [] }];
  expect(writeR(topology, shares, terms, { scheduling: { writer: "x" } }).R.scheduling).toEqual({
    writer: "x",
  });
});

test("an R that was written reads as the same resources", () => {
  const shares = [
    { node: 0, cores: [1], gpus: [] },
    { node: 2, cores: [0, 3], gpus: [0] },
  ];
  expect(nodesOf(parseR(writeR(topology, shares, terms).R))).toEqual([
    { rank: 0, hostname: "fluke3", cores: [1], gpus: [] },
    { rank: 2, hostname: "big", cores: [0, 3], gpus: [0] },
  ]);
});
