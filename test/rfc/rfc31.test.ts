import { type ConstraintTarget, parseConstraint } from "@flux-ts/protocol/job/constraint";
import { expect, test } from "vitest";

/** Ranks of the nodes host0 to host3 that match. host1 and host2 have ssd, host2 and host3 huge. */
function matching(constraint: unknown): number[] {
  const nodes = [[], ["ssd"], ["ssd", "huge"], ["huge"]].map(
    (properties: string[], rank): ConstraintTarget => ({
      rank,
      hostname: `host${rank}`,
      hasProperty: (name) => properties.includes(name),
    }),
  );
  const { matches } = parseConstraint(constraint);
  return nodes.filter(matches).map(({ rank }) => rank);
}

test("RFC 31 Representation: a constraint is an object with one operator and an array of values", () => {
  for (const value of [[], "x", 1, null, { properties: "ssd" }, { and: [], or: [] }, { foo: [] }]) {
    expect(() => parseConstraint(value)).toThrow(expect.objectContaining({ code: "EINVAL" }));
  }
});

test("RFC 31 properties: every property is required", () => {
  expect(matching({ properties: ["ssd"] })).toEqual([1, 2]);
  expect(matching({ properties: ["ssd", "huge"] })).toEqual([2]);
});

test("RFC 31 properties: one that starts with ^ must be absent", () => {
  expect(matching({ properties: ["^ssd"] })).toEqual([0, 3]);
  expect(matching({ properties: ["^ssd", "huge"] })).toEqual([3]);
});

test("RFC 31 hostlist: the host is in one of the RFC 29 hostlists", () => {
  expect(matching({ hostlist: ["host[0-1]"] })).toEqual([0, 1]);
  expect(matching({ hostlist: ["host0", "host[2-9]"] })).toEqual([0, 2, 3]);
});

test("RFC 31 ranks: the rank is in one of the RFC 22 idsets", () => {
  expect(matching({ ranks: ["0"] })).toEqual([0]);
  expect(matching({ ranks: ["0-1", "3"] })).toEqual([0, 1, 3]);
  expect(matching({ ranks: ["2-3", "0,3"] })).toEqual([0, 2, 3]);
});

test("RFC 31 not: negates its value", () => {
  expect(matching({ not: [{ properties: ["ssd", "huge"] }] })).toEqual([0, 1, 3]);
  expect(matching({ not: [{ hostlist: ["host[0-1]"] }] })).toEqual([2, 3]);
  expect(matching({ not: [{ not: [{ ranks: ["1"] }] }] })).toEqual([1]);
});

test("RFC 31 or: true if one of the values is", () => {
  expect(matching({ or: [{ properties: ["ssd"] }, { properties: ["huge"] }] })).toEqual([1, 2, 3]);
});

test("RFC 31 and: true if all of the values are", () => {
  const hosts = { hostlist: ["host[0-1]"] };
  expect(matching({ and: [hosts, { properties: ["ssd"] }] })).toEqual([1]);
});

test("RFC 31: or and and without values match everything", () => {
  expect(matching({ or: [] })).toEqual([0, 1, 2, 3]);
  expect(matching({ and: [] })).toEqual([0, 1, 2, 3]);
});

test("RFC 31: not without values matches nothing", () => {
  expect(matching({ not: [] })).toEqual([]);
});

test("RFC 31: other operators without values match or not as flux-core has it", () => {
  expect(matching({ properties: [] })).toEqual([0, 1, 2, 3]);
  expect(matching({ hostlist: [] })).toEqual([]);
  expect(matching({ ranks: [] })).toEqual([]);
});

test("RFC 31: an empty object matches everything", () => {
  expect(matching({})).toEqual([0, 1, 2, 3]);
});
