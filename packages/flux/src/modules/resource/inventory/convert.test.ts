import { parseR, toR } from "@flux-ts/protocol/resource/resource-set-json";
import { expect, test } from "vitest";
import { checkRanks, fromConfiguration, fromEnclosing } from "./convert.ts";

const job = parseR({
  version: 1,
  execution: {
    R_lite: [{ rank: "5-6", children: { core: "8-9", gpu: "3" } }],
    nodelist: ["n[5-6]"],
    expiration: 100,
    nslots: 4,
  },
});

test("a job's ranks and cores are numbered from 0 in the instance that it is", () => {
  const set = fromEnclosing(job, 2, "n[5-6]");
  expect(set && toR(set)).toMatchObject({
    execution: {
      R_lite: [{ rank: "0-1", children: { core: "0-1", gpu: "3" } }],
      nodelist: ["n[5-6]"],
      expiration: 100,
    },
  });
  expect(set?.nslots).toBe(0);
});

test("ranks follow the hosts of the brokers where names tell them apart", () => {
  expect(fromEnclosing(job, 2, "n6,n5")?.nodelist()?.encode()).toBe("n[6,5]");
  expect(fromEnclosing(job, 2, "x,x")?.nodelist()?.encode()).toBe("n[5-6]");
  expect(fromEnclosing(job, 2, "other[0-1]")?.nodelist()?.encode()).toBe("n[5-6]");
});

test("with another number of brokers than ranks there is nothing to convert", () => {
  expect(fromEnclosing(job, 4, "n[5-6]")).toBeUndefined();
});

test("configured resources follow the hosts of the bootstrap configuration", () => {
  expect(fromConfiguration(job, "n6,n5").ranks.encode()).toBe("0-1");
  expect(fromConfiguration(job, undefined).ranks.encode()).toBe("5-6");
  expect(() => fromConfiguration(job, "n5")).toThrow("error reranking R");
});

test("ranks beyond the instance are refused", () => {
  expect(() => checkRanks(job, 6)).toThrow("ranks execeeding size=6");
  expect(() => checkRanks(job, 7)).not.toThrow();
});
