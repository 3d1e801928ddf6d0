import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { expect, test } from "vitest";
import { parseRequest } from "./request.ts";

const system = { attributes: { system: { duration: 60 } }, version: 1 };

function jobspec(...resources: JsonObject[]): JsonObject {
  return { resources, ...system };
}

function refusal(spec: JsonObject): string {
  try {
    parseRequest(spec);
  } catch (error) {
    if (error instanceof FluxError) return error.message;
  }
  return "accepted";
}

const core = { type: "core", count: 2 };

test("slots without nodes are slots wherever they are", () => {
  const request = parseRequest(
    jobspec({ type: "slot", count: 3, label: "task", with: [core, { type: "gpu", count: 1 }] }),
  );
  expect(request).toMatchObject({
    nodes: undefined,
    slots: { min: 3, max: 3 },
    coresPerSlot: 2,
    gpusPerSlot: 1,
    duration: 60,
    exclusive: false,
    constraint: undefined,
  });
});

test("slots below a node are slots of each node", () => {
  const slot = { type: "slot", count: 4, with: [core] };
  const request = parseRequest(jobspec({ type: "node", count: 2, with: [slot] }));
  expect(request.nodes).toEqual({ min: 2, max: 2 });
  expect(request.slots).toEqual({ min: 4, max: 4 });
});

test("nodes below an unknown type are multiplied by its count", () => {
  const node = { type: "node", count: 2, with: [{ type: "slot", count: 1, with: [core] }] };
  const request = parseRequest(jobspec({ type: "rack", count: 3, with: [node] }));
  expect(request.nodes?.min).toBe(6);
});

test("an exclusive job that names no nodes gets a node for each slot", () => {
  const request = parseRequest(jobspec({ type: "slot", count: 3, exclusive: true, with: [core] }));
  expect(request.nodes?.min).toBe(3);
  expect(request.slots.min).toBe(1);
  expect(request.exclusive).toBe(true);
});

test("RFC 14 ranges are kept, up to unlimited ones", () => {
  const slot = { type: "slot", count: 1, with: [core] };
  const bounded = parseRequest(jobspec({ type: "node", count: { min: 2, max: 4 }, with: [slot] }));
  expect(bounded.nodes).toEqual({ min: 2, max: 4 });
  const open = parseRequest(jobspec({ type: "node", count: "2+", with: [slot] }));
  expect(open.nodes).toEqual({ min: 2, max: Infinity });
});

test("an empty constraint constrains nothing", () => {
  const slot = { type: "slot", count: 1, with: [core] };
  const spec = { ...jobspec(slot), attributes: { system: { duration: 0, constraints: {} } } };
  expect(parseRequest(spec).constraint).toBeUndefined();
});

test("what cannot be understood is refused with flux-core's texts", () => {
  expect(refusal({ version: 1 })).toBe("jobspec has no resources");
  expect(refusal({ resources: [core], version: 1 })).toBe(
    "getting duration: Object item not found: system",
  );
  expect(refusal({ resources: [core], version: 1, attributes: { system: {} } })).toBe(
    "getting duration: Object item not found: duration",
  );
  expect(refusal(jobspec(core))).toBe("Unable to determine slot count");
  expect(refusal(jobspec({ type: "slot", count: 1 }))).toBe("Unable to determine slot size");
  expect(refusal(jobspec({ type: "slot", count: 0, with: [core] }))).toBe(
    "RFC 14 count: integer count must be >= 1, got 0",
  );
});

test("resources nested without end are refused", () => {
  let vertex: JsonObject = core;
  for (let i = 0; i < 1000; i++) vertex = { type: "rack", count: 1, with: [vertex] };
  expect(refusal(jobspec(vertex))).toBe("jobspec resource nesting exceeds maximum depth 100");
});
