import { toJobId } from "@flux-ts/protocol/job/fluid";
import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ResourcePool } from "./pool.ts";
import { topologyOf } from "./read-r.ts";
import { parseRequest, type ResourceRequest } from "./request.ts";
import { writeR } from "./write-r.ts";

interface Kind {
  ranks: string;
  cores: string;
  gpus?: string;
}

function poolOf(kinds: Kind[], properties: Record<string, string> = {}): ResourcePool {
  const R_lite = kinds.map(({ ranks, cores, gpus }) => ({
    rank: ranks,
    children: { core: cores, ...(gpus && { gpu: gpus }) },
  }));
  const set = parseR({ version: 1, execution: { R_lite, properties } });
  const hosts = set.nodes.map(({ rank }) => `node${rank}`);
  const pool = new ResourcePool(topologyOf(set.assignHosts(Hostlist.from(hosts))));
  pool.markUp(pool.topology.nodes.map(({ rank }) => rank));
  return pool;
}

interface Ask {
  nodes?: number | JsonObject;
  slots?: number | JsonObject;
  cores?: number;
  gpus?: number;
  exclusive?: boolean;
  constraint?: JsonObject;
}

function ask({ nodes, slots = 1, cores = 1, gpus, exclusive, constraint }: Ask): ResourceRequest {
  const inside: JsonObject[] = [{ type: "core", count: cores }];
  if (gpus) inside.push({ type: "gpu", count: gpus });
  const slot = { type: "slot", count: slots, with: inside, label: "task" };
  const top = nodes === undefined ? slot : { type: "node", count: nodes, with: [slot] };
  return parseRequest({
    resources: [exclusive ? { ...top, exclusive } : top],
    attributes: { system: { duration: 0, ...(constraint && { constraints: constraint }) } },
    version: 1,
  });
}

let jobs = 0;

/** What a job got, as people see it; `wait` if it must wait, else the reason why it never can. */
function alloc(pool: ResourcePool, request: ResourceRequest, id = ++jobs): string {
  try {
    const allocation = pool.alloc(toJobId(id), request, 0);
    if (!allocation) return "wait";
    const terms = { starttime: 1, expiration: 0, nslots: allocation.nslots };
    return writeR(pool.topology, allocation.shares, terms).summary;
  } catch (error) {
    if (error instanceof FluxError) return error.message;
    throw error;
  }
}

test("slots go to the node with most free cores, on its lowest cores", () => {
  const pool = poolOf([{ ranks: "0-1", cores: "0-3" }]);
  expect(alloc(pool, ask({ slots: 1 }))).toBe("rank0/core0");
  expect(alloc(pool, ask({ slots: 1 }))).toBe("rank1/core0");
  expect(alloc(pool, ask({ slots: 2 }))).toBe("rank0/core[1-2]");
  expect(alloc(pool, ask({ slots: 4 }))).toBe("rank0/core3 rank1/core[1-3]");
  expect(alloc(pool, ask({ slots: 1 }))).toBe("wait");
});

test("of nodes with as many free cores the one with more free gpus comes first", () => {
  const pool = poolOf([
    { ranks: "0", cores: "0-3" },
    { ranks: "1", cores: "0-3", gpus: "0-1" },
  ]);
  expect(alloc(pool, ask({ slots: 1 }))).toBe("rank1/core0");
  expect(alloc(pool, ask({ slots: 2, gpus: 1 }))).toBe("rank1/core[1-2],gpu[0-1]");
  expect(alloc(pool, ask({ slots: 1, gpus: 1 }))).toBe("wait");
});

test("a slot is never split over nodes", () => {
  const pool = poolOf([{ ranks: "0-1", cores: "0-2" }]);
  expect(alloc(pool, ask({ slots: 2, cores: 2 }))).toBe("rank[0-1]/core[0-1]");
  expect(alloc(pool, ask({ slots: 1, cores: 2 }))).toBe("wait");
});

test("node requests take the slots of each node from it", () => {
  const pool = poolOf([{ ranks: "0-3", cores: "0-3" }]);
  expect(alloc(pool, ask({ nodes: 2, slots: 2 }))).toBe("rank[0-1]/core[0-1]");
  expect(alloc(pool, ask({ nodes: 4, slots: 2 }))).toBe("rank[0-1]/core[2-3] rank[2-3]/core[0-1]");
});

test("an exclusive job gets whole idle nodes", () => {
  const pool = poolOf([{ ranks: "0-2", cores: "0-3", gpus: "0" }]);
  expect(alloc(pool, ask({ slots: 1 }))).toBe("rank0/core0");
  expect(alloc(pool, ask({ nodes: 2, exclusive: true }))).toBe("rank[1-2]/core[0-3],gpu0");
  expect(alloc(pool, ask({ nodes: 1, exclusive: true }))).toBe("wait");
});

test("RFC 14 ranges get as much as there is, up to the maximum", () => {
  const pool = poolOf([{ ranks: "0-4", cores: "0-1" }]);
  expect(alloc(pool, ask({ nodes: { min: 2, max: 3 } }))).toBe("rank[0-2]/core0");
  expect(alloc(pool, ask({ slots: { min: 1 } }))).toBe("rank[0-2]/core1 rank[3-4]/core[0-1]");
});

test("nodes that are down are not used, and what they freed counts when they are back", () => {
  const pool = poolOf([{ ranks: "0-1", cores: "0" }]);
  expect(alloc(pool, ask({}), 900)).toBe("rank0/core0");
  pool.markDown([0, 1]);
  pool.free(toJobId(900));
  expect(alloc(pool, ask({}))).toBe("wait");
  pool.markUp([0]);
  expect(alloc(pool, ask({}))).toBe("rank0/core0");
});

test("nodes that were removed make a job that needs them unsatisfiable", () => {
  const pool = poolOf([{ ranks: "0-1", cores: "0" }]);
  const both = ask({ nodes: 2 });
  pool.checkFeasible(both);
  pool.remove([1]);
  expect(alloc(pool, both)).toBe(
    "unsatisfiable request: need 2 node(s) with 1 cores each, only 1 eligible",
  );
});

test("constraints select by property, host and rank (RFC 31)", () => {
  const pool = poolOf([{ ranks: "0-3", cores: "0" }], { fast: "2-3" });
  const on = (constraint: JsonObject) => alloc(pool, ask({ constraint }));
  expect(on({ properties: ["fast"] })).toBe("rank2/core0");
  expect(on({ properties: ["^fast"] })).toBe("rank0/core0");
  expect(on({ hostlist: ["node3"] })).toBe("rank3/core0");
  expect(on({ not: [{ ranks: ["0,2-3"] }] })).toBe("rank1/core0");
  expect(on({ properties: ["fast"] })).toBe("wait");
  expect(on({ properties: ["slow"] })).toBe(
    "unsatisfiable request: need 1 slot(s) of 1 core(s), only 0 such slot(s) available " +
      "(total cores: 0)",
  );
});

test("what can never run is told so in flux-core's words", () => {
  const pool = poolOf([{ ranks: "0-1", cores: "0-3", gpus: "0" }]);
  expect(alloc(pool, ask({ nodes: 9, exclusive: true }))).toBe(
    "unsatisfiable request: need 9 exclusive node(s), only 2 eligible",
  );
  expect(alloc(pool, ask({ nodes: 1, slots: 2, cores: 3, gpus: 1 }))).toBe(
    "unsatisfiable request: need 1 node(s) with 6 cores and 2 GPUs each, only 0 eligible",
  );
  expect(alloc(pool, ask({ slots: 5, cores: 2 }))).toBe(
    "unsatisfiable request: need 5 slot(s) of 2 core(s), only 4 such slot(s) available " +
      "(total cores: 8)",
  );
  expect(alloc(pool, ask({ slots: 3, gpus: 1 }))).toBe(
    "unsatisfiable request: need 3 slot(s) with 1 GPU(s) each, only 2 available (total GPUs: 2)",
  );
  expect(alloc(pool, ask({ nodes: { min: 1, max: 8, operator: "*", operand: 2 } }))).toBe(
    "node count specifies discrete valid values that this scheduler does not support; " +
      "use a simple min-max range instead",
  );
});

test("a job gives back its nodes one by one, the last of them finally", () => {
  const pool = poolOf([{ ranks: "0-1", cores: "0-1" }]);
  const id = toJobId(7);
  pool.alloc(id, ask({ nodes: 2, slots: 2 }), 0);
  pool.free(id, [0], false);
  expect(alloc(pool, ask({ slots: 2 }))).toBe("rank0/core[0-1]");
  expect(() => pool.free(id, [0], false)).toThrow("does not hold");
  pool.free(id, [1], true);
  expect(pool.jobs.has(id)).toBe(false);
  expect(() => pool.free(id, [1], true)).not.toThrow();
});

test("a final free of less than the job holds is refused and changes nothing", () => {
  const pool = poolOf([{ ranks: "0-1", cores: "0" }]);
  const id = toJobId(8);
  pool.alloc(id, ask({ nodes: 2 }), 0);
  expect(() => pool.free(id, [0], true)).toThrow("holds more");
  expect(alloc(pool, ask({}))).toBe("wait");
});

test("core ids that R gives are used, not their positions", () => {
  const pool = poolOf([{ ranks: "3", cores: "8,16-17", gpus: "2" }]);
  expect(alloc(pool, ask({ slots: 2 }))).toBe("rank3/core[8,16]");
  expect(alloc(pool, ask({ gpus: 1 }))).toBe("rank3/core17,gpu2");
});

test("no core is ever given to two jobs, and all come back", () => {
  const size = fc.record({
    slots: fc.integer({ min: 1, max: 6 }),
    cores: fc.integer({ min: 1, max: 3 }),
  });
  const step = fc.oneof(
    fc.record({ ask: size, nodes: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }) }),
    fc.record({ free: fc.nat(20) }),
    fc.record({ down: fc.nat(3), up: fc.nat(3) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const pool = poolOf([
        { ranks: "0-1", cores: "0-3" },
        { ranks: "2-3", cores: "0-5", gpus: "0" },
      ]);
      let next = 1;
      for (const one of steps) {
        if ("free" in one) pool.free(toJobId(one.free));
        else if ("down" in one) {
          pool.markDown([one.down]);
          pool.markUp([one.up]);
        } else if (alloc(pool, ask({ ...one.ask, ...(one.nodes && { nodes: one.nodes }) }), next)) {
          next++;
        }
        const used = new Set<string>();
        for (const { shares } of pool.jobs.values()) {
          for (const { node, cores } of shares) {
            for (const core of cores) {
              expect(used.has(`${node}/${core}`)).toBe(false);
              used.add(`${node}/${core}`);
            }
          }
        }
      }
      pool.markUp([0, 1, 2, 3]);
      for (const id of [...pool.jobs.keys()]) pool.free(id);
      expect(alloc(pool, ask({ slots: 20 }))).toBe("rank[0-1]/core[0-3] rank[2-3]/core[0-5]");
    }),
    { numRuns: 200 },
  );
});
