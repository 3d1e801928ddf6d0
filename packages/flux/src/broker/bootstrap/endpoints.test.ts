import { Taskmap } from "@flux-ts/protocol/text/taskmap";
import { expect, test } from "vitest";
import { endpointKinds, sameNode } from "./endpoints.ts";

const kinds = (map: string | undefined, preferTcp = false, children = [1, 2]) =>
  endpointKinds({
    rank: 0,
    children,
    mapping: map === undefined ? undefined : Taskmap.parse(map),
    preferTcp,
  });

test("a leaf binds nothing", () => {
  expect(kinds("[[0,1,3,1]]", false, [])).toEqual([]);
});

test("where the children are decides between files and TCP", () => {
  expect(kinds("[[0,1,3,1]]")).toEqual(["ipc"]);
  expect(kinds("[[0,3,1,1]]")).toEqual(["tcp"]);
  expect(kinds("[[0,2,2,1]]")).toEqual(["tcp", "ipc"]);
  expect(kinds(undefined)).toEqual(["tcp"]);
  expect(kinds("[[0,1,3,1]]", true)).toEqual(["tcp"]);
});

test("brokers are on one node only if the mapping says so", () => {
  const map = Taskmap.parse("[[0,2,2,1]]");
  expect([sameNode(map, 0, 1), sameNode(map, 1, 2), sameNode(map, 8, 9)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(sameNode(undefined, 0, 0)).toBe(false);
});
