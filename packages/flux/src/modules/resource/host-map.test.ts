import { Idset } from "@flux-ts/protocol/text/idset";
import { expect, test } from "vitest";
import { HostMap } from "./host-map.ts";

const hosts = HostMap.parse("a[0-1],b,b");

test("ranks become host names and back", () => {
  expect(hosts.encode(Idset.parse("0-2"))).toBe("a[0-1],b");
  expect(hosts.hostOf(3)).toBe("b");
  expect(hosts.rankOf("b")).toBe(2);
  expect(hosts.rankOf("c")).toBeUndefined();
});

test("a rank that is no broker's has no host", () => {
  expect(() => hosts.encode(Idset.of(4))).toThrow("rank 4 is not in host map");
});
