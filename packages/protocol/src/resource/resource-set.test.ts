import fc from "fast-check";
import { expect, test } from "vitest";
import { Hostlist } from "../text/hostlist.ts";
import { Idset } from "../text/idset.ts";
import { NodeResources } from "./node-resources.ts";
import { ResourceSet } from "./resource-set.ts";

/** Ranks with these cores each, on hosts n0, n1 ... */
function set(ranks: string, core: string, gpu = ""): ResourceSet {
  const resources = NodeResources.parse({ core, gpu });
  return ResourceSet.of(
    [...Idset.parse(ranks)].map((rank) => ({ rank, hostname: `n${rank}`, resources })),
  );
}

test("counts of nodes and of what they have", () => {
  const resources = set("0-3", "0-7", "0-1");
  expect(["node", "core", "gpu", "nic"].map((type) => resources.count(type))).toEqual([
    4, 32, 8, 0,
  ]);
});

test("what is appended must not be there already; if it is, nothing changes", () => {
  const resources = set("0-1", "0-3");
  expect(() => resources.append(set("2", "0").append(set("1", "3-4")))).toThrow(
    "core3 is in both resource sets",
  );
  expect(resources.dumps()).toBe("rank[0-1]/core[0-3]");
  expect(resources.append(set("1", "4")).dumps()).toBe("rank0/core[0-3] rank1/core[0-4]");
});

test("properties and scheduling come along, those that are here stay", () => {
  const a = set("0", "0").setProperty("p");
  const b = set("1", "0").setProperty("p").setProperty("q");
  b.scheduling = { from: "b" };
  a.append(b);
  expect([...a.properties].map(([name, ranks]) => `${name}=${ranks}`)).toEqual(["p=0-1", "q=1"]);
  expect(a.scheduling).toEqual({ from: "b" });
});

test("a rank may have several properties", () => {
  const resources = set("0-1", "0").setProperty("p").setProperty("q", Idset.of(1));
  expect([0, 1, 2].map((rank) => resources.propertiesOf(rank))).toEqual([["p"], ["p", "q"], []]);
});

test("hosts are found by name, several brokers on one too", () => {
  const resources = set("0-2", "0").assignHosts(Hostlist.parse("a,b,a"));
  expect(resources.ranksOfHosts(Hostlist.parse("a")).encode()).toBe("0,2");
  expect(() => resources.ranksOfHosts(Hostlist.parse("b,x[1-2]"))).toThrow("invalid hosts: x[1-2]");
});

test("reranking keeps the order of brokers on one host", () => {
  const resources = set("0-2", "0").append(set("2", "1")).assignHosts(Hostlist.parse("a,b,a"));
  resources.setProperty("p", Idset.of(2)).rerank(Hostlist.parse("b,a,a"));
  expect(resources.dumps()).toBe("rank[0-1]/core0 rank2/core[0-1]");
  expect(resources.properties.get("p")!.encode()).toBe("2");
});

test("a failed rerank changes nothing", () => {
  const resources = set("0-1", "0");
  expect(() => resources.rerank(Hostlist.parse("n1,x"))).toThrow("Host x not found in resources");
  expect(resources.nodelist()!.encode()).toBe("n[0-1]");
});

test("remapping moves properties along", () => {
  const resources = set("5,7", "2-3", "1").setProperty("p", Idset.of(7)).remap();
  expect(resources.dumps()).toBe("rank[0-1]/core[0-1],gpu1");
  expect(resources.properties.get("p")!.encode()).toBe("1");
});

test("a rank that is another host is another node", () => {
  const other = set("0-1", "0").assignHosts(Hostlist.parse("n0,x"));
  expect(set("0-1", "0").intersect(other).ranks.encode()).toBe("0");
});

test("a part of an allocation has no slots of its own, a copy has", () => {
  const resources = set("0-1", "0");
  Object.assign(resources, { nslots: 2, expiration: 60 });
  expect(resources.clone()).toMatchObject({ nslots: 2, expiration: 60 });
  expect(resources.copyRanks(Idset.of(0))).toMatchObject({ nslots: 0, expiration: 60 });
});

test("without host names there is no nodelist", () => {
  const resources = NodeResources.parse({ core: "0" });
  const nameless = ResourceSet.of([{ rank: 0, hostname: undefined, resources }]);
  expect(nameless.nodelist()).toBeUndefined();
  expect(new ResourceSet().nodelist()!.encode()).toBe("");
});

test("a set of many ranks is as quick as its few kinds of nodes", () => {
  const big = set("0-16383", "0-63", "0-7");
  const half = set("0-8191", "0-31");
  const rest = big.diff(half);
  expect(rest.dumps()).toBe(
    "rank[0-8191]/core[32-63],gpu[0-7] rank[8192-16383]/core[0-63],gpu[0-7]",
  );
  expect(rest.union(half).dumps()).toBe(big.dumps());
});

test("set algebra holds", () => {
  const any = fc
    .array(fc.tuple(fc.nat({ max: 5 }), fc.uniqueArray(fc.nat({ max: 6 }), { minLength: 1 })), {
      maxLength: 4,
    })
    .map((nodes) => {
      const cores = new Map(nodes);
      return ResourceSet.of(
        [...cores].map(([rank, ids]) => ({
          rank,
          hostname: `n${rank}`,
          resources: NodeResources.of([["core", Idset.from(ids)]]),
        })),
      );
    });
  fc.assert(
    fc.property(any, any, (a, b) => {
      expect(a.diff(b).append(a.intersect(b)).dumps()).toBe(a.dumps());
      expect(a.union(b).dumps()).toBe(b.union(a).dumps());
      expect(a.diff(b).intersect(b).nnodes).toBe(0);
      expect(a.union(b).count("core")).toBe(a.diff(b).count("core") + b.count("core"));
    }),
  );
});
