import { parseConstraint } from "@flux-ts/protocol/job/constraint";
import { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import {
  assignProperties,
  encodeR,
  parseR,
  parseRText,
  toR,
} from "@flux-ts/protocol/resource/resource-set-json";
import { verifyResources } from "@flux-ts/protocol/resource/verify";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import { expect, test } from "vitest";
import { vectors } from "./vectors.ts";

const captured = new Map(
  vectors<{ name: string; R: JsonObject }>("resource-sets").map(({ name, R }) => [name, R]),
);

/** What `flux R decode OPTION=VALUE` prints. */
function decode(set: ResourceSet, [option = "", value = ""]: string[]): unknown {
  switch (option) {
    case "":
      return toR(set);
    case "--short":
      return set.dumps();
    case "--nodelist":
      return set.nodelist()!.encode();
    case "--ranks":
      return set.ranks.encode();
    case "--count":
      return String(set.count(value));
    case "--include":
      return toR(set.copyRanks(Idset.parse(value)));
    case "--exclude":
      set.removeRanks(Idset.parse(value));
      return toR(set);
    default:
      return toR(set.filter(parseConstraint({ properties: value.split(",") })));
  }
}

/** What `flux R COMMAND ARGS` does with these sets on its input. */
function run(command: string, inputs: ResourceSet[], args: string[]): unknown {
  const union = () => inputs.reduce((a, b) => a.union(b));
  switch (command) {
    case "decode":
      return decode(union(), args[0]?.split("=") ?? []);
    case "remap":
      return toR(union().remap());
    case "rerank":
      return toR(union().rerank(Hostlist.parse(args[0]!)));
    case "set-property": {
      const set = union();
      const named = args.map((arg) => arg.split(":") as [string, string?]);
      const all = set.ranks.encode();
      assignProperties(set, Object.fromEntries(named.map(([name, ranks = all]) => [name, ranks])));
      return toR(set);
    }
    case "append":
      return toR(inputs.reduce((result, set) => result.append(set), new ResourceSet()));
    case "diff":
      return toR(inputs.reduce((a, b) => a.diff(b)));
    default:
      return toR(inputs.reduce((a, b) => a.intersect(b)));
  }
}

/** flux-core's short form has groups in the order in which sets were combined. */
function inRankOrder(output: unknown): unknown {
  return typeof output === "string" ? output.split(" ").sort() : output;
}

type Row = { command: string; inputs: string[]; args?: string[]; output?: unknown; error?: string };
const operations = vectors<Row>("resource-set-operations");
const sets = (names: string[]) => names.map((name) => parseR(captured.get(name)!));

test("RFC 20: sets combine, filter and print as flux-core's do", () => {
  for (const { command, inputs, args = [], output } of operations) {
    if (output === undefined || command === "verify") continue;
    const text = [command, ...inputs, ...args].join(" ");
    expect(inRankOrder(run(command, sets(inputs), args)), text).toEqual(inRankOrder(output));
  }
});

test("RFC 20: sets that overlap are not appended, what cannot be done is refused", () => {
  const failed = operations.filter(
    ({ output, command }) => output === undefined && command !== "verify",
  );
  expect(failed.length).toBeGreaterThan(5);
  for (const { command, inputs, args = [], error } of failed) {
    const text = [command, ...inputs, ...args].join(" ");
    expect(() => run(command, sets(inputs), args), text).toThrow(FluxError);
    const detail = /^failed to assign properties: (.*)/.exec(error ?? "")?.[1];
    if (detail) expect(() => run(command, sets(inputs), args), text).toThrow(detail);
  }
});

test("RFC 20: a node is verified against what is expected of it", () => {
  const rows = vectors<Row & { status: number }>("resource-set-operations");
  for (const { inputs, error, status } of rows.filter(({ command }) => command === "verify")) {
    const [expected, actual] = sets(inputs) as [ResourceSet, ResourceSet];
    const { ok, text = "" } = verifyResources(expected, actual);
    expect([ok, text]).toEqual([status === 0, error ?? ""]);
  }
});

const example: JsonObject = {
  version: 1,
  execution: {
    R_lite: [{ rank: "19-22", children: { core: "0-47", gpu: "0-7" } }],
    starttime: 1676560443.123,
    expiration: 1676562243.123,
    nodelist: ["node[186-189]"],
    nslots: 32,
  },
};

test("RFC 20 Example R: reads and prints the same", () => {
  expect(toR(parseR(example))).toEqual(example);
  expect(parseRText(JSON.stringify(example)).dumps()).toBe("rank[19-22]/core[0-47],gpu[0-7]");
});

const execution = (changes: object): unknown => ({
  version: 1,
  execution: { R_lite: [{ rank: "0-1", children: { core: "0" } }], ...changes },
});

test("RFC 20 version: is always 1", () => {
  expect(() => parseR({ ...example, version: 2 })).toThrow("invalid version=2");
  expect(() => parseR({ execution: example.execution })).toThrow("R.version");
});

test("RFC 20 R_lite: entries in any order, ranks and children as idsets", () => {
  const R_lite = [
    { rank: "3", children: { core: "1" } },
    { rank: "0-1", children: { core: "0-1", gpu: "0" } },
  ];
  expect(parseR(execution({ R_lite })).dumps()).toBe("rank[0-1]/core[0-1],gpu0 rank3/core1");
  expect(() => parseR(execution({ R_lite: [{ rank: "1-0", children: {} }] }))).toThrow("1-0");
  expect(() => parseR(execution({ R_lite: [{ rank: "0", children: { core: "x" } }] }))).toThrow(
    "invalid idset 'x' of core",
  );
  expect(() => parseR(execution({ R_lite: [{ rank: "0" }] }))).toThrow("R_lite[0].children");
});

test("RFC 20 nodelist: hosts in order of rank, in any number of entries", () => {
  const set = parseR(
    execution({
      R_lite: [
        { rank: "5", children: { core: "0" } },
        { rank: "2-3", children: { core: "0" } },
      ],
      nodelist: ["a", "b[1-2]"],
    }),
  );
  expect(set.nodes.map(({ rank, hostname }) => `${rank}:${hostname}`)).toEqual([
    "2:a",
    "3:b1",
    "5:b2",
  ]);
  expect(() => parseR(execution({ nodelist: ["a"] }))).toThrow("1 hosts do not match 2 ranks");
});

test("RFC 20 nslots: is there in allocations only", () => {
  expect(toR(parseR(example)).execution.nslots).toBe(32);
  expect(toR(parseR(execution({}))).execution).not.toHaveProperty("nslots");
});

test.each([..."!&'\"^`|()"])("RFC 20 properties: names must not have %s", (character) => {
  const properties = { [`a${character}b`]: "0" };
  expect(() => parseR(execution({ properties }))).toThrow(`invalid character '${character}'`);
});

test("RFC 20 properties: a rank may have several; @ and a leading + are part of the name", () => {
  const properties = { "amd-mi50@gpu": "0-1", "+batch": "1" };
  const set = parseR(execution({ properties }));
  expect(toR(set).execution.properties).toEqual(properties);
  expect(set.properties.get("+batch")!.has(1)).toBe(true);
});

test("RFC 20 properties: ranks are execution targets of the set", () => {
  expect(() => parseR(execution({ properties: { a: "1-2" } }))).toThrow("rank 2 not found");
});

test("RFC 20 starttime, expiration: 0 is unset; both are written as reals", () => {
  const set = parseR(execution({}));
  expect([set.starttime, set.expiration]).toEqual([0, 0]);
  expect(encodeR(set)).toContain('"starttime":0.0,"expiration":0.0');
});

test("RFC 20 scheduling: rides along untouched", () => {
  const scheduling = { writer: "fluxion", graph: { nodes: [1] } };
  const set = parseR({ ...(execution({}) as JsonObject), scheduling });
  expect(toR(set).scheduling).toEqual(scheduling);
  expect(toR(set.copyRanks(Idset.of(1))).scheduling).toEqual(scheduling);
  expect(toR(set.copyRanks(Idset.of(9))).scheduling).toBeUndefined();
});
