import fc from "fast-check";
import { expect, test } from "vitest";
import { Idset } from "../text/idset.ts";
import { NodeResources } from "./node-resources.ts";
import { ResourceSet } from "./resource-set.ts";
import { assignProperties, encodeR, parseR, parseRText, toR } from "./resource-set-json.ts";

const minimal = { version: 1, execution: { R_lite: [], nodelist: [""] } };

test("the empty set, as an instance without free resources reports it", () => {
  expect(toR(parseR(minimal))).toEqual({
    version: 1,
    execution: { R_lite: [], starttime: 0, expiration: 0, nodelist: [""] },
  });
});

test.each([
  [undefined, "R: expected an object"],
  [{ version: "1", execution: {} }, "R.version: expected an integer"],
  [{ version: 1 }, "R.execution: expected an object"],
  [{ version: 1, execution: {} }, "R.execution.R_lite: expected an array"],
  [{ version: 1, execution: { R_lite: [], nodelist: "a" } }, "R.execution.nodelist"],
  [{ version: 1, execution: { R_lite: [], nodelist: ["a[0"] } }, "hostlist"],
  [
    { version: 1, execution: { R_lite: [{ rank: "0", children: { core: 1 } }] } },
    "R.execution.R_lite[0].children.core: expected a string",
  ],
  [
    {
      version: 1,
      execution: {
        R_lite: [
          { rank: "0", children: { core: "0-1" } },
          { rank: "0", children: { core: "1" } },
        ],
      },
    },
    "core1 is in both",
  ],
])("%j is no R", (json, message) => {
  expect(() => parseR(json)).toThrow(message);
});

test("text that is not JSON is refused", () => {
  expect(() => parseRText("{")).toThrow("R is not JSON");
  expect(() => parseRText('{"version":2,"execution":{"R_lite":[]}}')).toThrow("invalid version=2");
});

test("no property is set if one of them is wrong", () => {
  const resources = NodeResources.parse({ core: "0" });
  const set = ResourceSet.of([{ rank: 0, hostname: "a", resources }]);
  expect(() => assignProperties(set, { good: "0", bad: "x" })).toThrow("invalid idset 'x'");
  expect(set.properties.size).toBe(0);
});

test("any set comes back from its text", () => {
  const ids = fc.uniqueArray(fc.nat({ max: 12 }), { minLength: 1 }).map((list) => Idset.from(list));
  const node = fc.record({ core: ids, gpu: fc.oneof(ids, fc.constant(new Idset())) });
  const any = fc
    .tuple(fc.dictionary(fc.nat({ max: 40 }).map(String), node), fc.nat(), fc.nat({ max: 9 }))
    .map(([nodes, expiration, nslots]) => {
      const set = ResourceSet.of(
        Object.entries(nodes).map(([rank, { core, gpu }]) => ({
          rank: Number(rank),
          hostname: `n${rank}`,
          resources: NodeResources.of([
            ["core", core],
            ["gpu", gpu],
          ]),
        })),
        { expiration, nslots },
      );
      return set.nnodes ? set.setProperty("p", Idset.of(set.nodes[0]!.rank)) : set;
    });
  fc.assert(
    fc.property(any, (set) => {
      const back = parseRText(encodeR(set));
      expect(toR(back)).toEqual(toR(set));
      expect(back.dumps()).toBe(set.dumps());
    }),
  );
});
