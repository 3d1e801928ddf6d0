import {
  type AllocOptions,
  type BatchOptions,
  fromAlloc,
  fromBatch,
} from "@flux-ts/protocol/job/from-batch";
import { type CommandOptions, fromCommand } from "@flux-ts/protocol/job/from-command";
import { jobShapeOf } from "@flux-ts/protocol/job/job-shape";
import { jobSizeOf, type SizeOptions } from "@flux-ts/protocol/job/job-size";
import type { Jobspec } from "@flux-ts/protocol/job/jobspec";
import { validateJobspec } from "@flux-ts/protocol/job/validate-jobspec";
import type { Json } from "@flux-ts/protocol/schema/json";
import { expect, test } from "vitest";
import { vectors } from "./vectors.ts";

/** A valid jobspec, with changes at its top level. */
function jobspec(changes: Record<string, unknown> = {}): Json {
  return { ...fromCommand(["app"], { nodes: 4, ntasks: 4, coresPerTask: 2 }), ...changes } as Json;
}
const system = (changes: object) =>
  jobspec({ attributes: { system: { duration: 0, ...changes } } });

type SizeRow = {
  options: SizeOptions;
  resources?: unknown;
  count?: unknown;
  perResource?: unknown;
  error?: string;
};

test("RFC 25 Resources: size options make the resources that flux-core makes", () => {
  for (const { options, error, ...expected } of vectors<SizeRow>("job-sizes")) {
    const text = JSON.stringify(options);
    if (error !== undefined) {
      expect(() => jobSizeOf(options), text).toThrow(error);
      continue;
    }
    const { resources, taskCount: count, perResource } = jobSizeOf(options);
    expect({ resources, count, ...(perResource && { perResource }) }, text).toEqual(expected);
  }
});

type JobRow = { jobspec?: Jobspec; error?: string } & (
  | { kind: "run"; command: string[]; options: CommandOptions }
  | { kind: "alloc"; command: string[]; options: AllocOptions }
  | { kind: "batch"; name: string; script: string; options: BatchOptions }
);

function build(row: JobRow): Jobspec {
  if (row.kind === "run") return fromCommand(row.command, row.options);
  if (row.kind === "alloc") return fromAlloc(row.command, row.options);
  return fromBatch(row.script, row.name, row.options);
}

test.each(vectors<JobRow>("jobspecs"))(
  "RFC 25: $kind $options is built as flux-core does",
  (row) => {
    if (row.error !== undefined) {
      expect(() => build(row)).toThrow(row.error);
    } else {
      const built = build(row);
      expect(built).toEqual(row.jobspec);
      expect(() => validateJobspec(built)).not.toThrow();
    }
  },
);

type CheckRow = { jobspec: Json; error: string | null };

test("RFC 25: what flux-core's validator refuses is refused with the same text", () => {
  for (const { jobspec, error } of vectors<CheckRow>("jobspec-checks")) {
    const text = JSON.stringify(jobspec);
    if (error === null) expect(() => validateJobspec(jobspec), text).not.toThrow();
    else expect(() => validateJobspec(jobspec), text).toThrow(error);
  }
});

test.each(["resources", "tasks", "attributes", "version"])(
  "RFC 25 Jobspec Language Definition: %s is required",
  (key) => {
    const { [key]: _removed, ...rest } = jobspec() as Record<string, Json>;
    expect(() => validateJobspec(rest)).toThrow(`Missing key (${key})`);
  },
);

test("RFC 25 Resources: counts are integers", () => {
  const resources = [{ type: "slot", count: "1-2", label: "task", with: [] }];
  expect(() => validateJobspec(jobspec({ resources }))).toThrow(
    "must be an integer for type 'slot'",
  );
});

test.each([
  ["slot>core", { ntasks: 3 }, { nnodes: 0, nslots: 3, coresPerSlot: 1, gpusPerSlot: 0 }],
  [
    "node>slot>core",
    { nodes: 2, ntasks: 4 },
    { nnodes: 2, nslots: 4, coresPerSlot: 1, gpusPerSlot: 0 },
  ],
  [
    "slot>(core,gpu)",
    { ntasks: 2, coresPerTask: 3, gpusPerTask: 1 },
    { nnodes: 0, nslots: 2, coresPerSlot: 3, gpusPerSlot: 1 },
  ],
  [
    "node>slot>(core,gpu)",
    { nodes: 1, ntasks: 2, gpusPerTask: 2 },
    { nnodes: 1, nslots: 2, coresPerSlot: 1, gpusPerSlot: 2 },
  ],
])("RFC 25 Resource Graph Restrictions: %s is a valid graph", (_graph, options, shape) => {
  expect(jobShapeOf(fromCommand(["app"], options))).toMatchObject(shape);
});

test("RFC 25 Resource Graph Restrictions: there must be a slot, and cores in it", () => {
  const node = jobspec({ resources: [{ type: "node", count: 1 }] });
  const slot = jobspec({ resources: [{ type: "slot", count: 1, label: "task" }] });
  expect(() => jobShapeOf(validateJobspec(node))).toThrow("Unable to determine slot count");
  expect(() => jobShapeOf(validateJobspec(slot))).toThrow("Unable to determine slot size");
});

test("RFC 25 Tasks: count does not support per_resource", () => {
  const count = { per_resource: { type: "core", count: 1 } };
  const tasks = [{ command: ["app"], slot: "task", count }];
  expect(() => validateJobspec(jobspec({ tasks }))).toThrow("count per_slot or total must be set");
});

test("RFC 25 Tasks: count has exactly one key", () => {
  const tasks = [{ command: ["app"], slot: "task", count: { per_slot: 1, total: 4 } }];
  expect(() => validateJobspec(jobspec({ tasks }))).toThrow("exactly one key");
});

test("RFC 25 Attributes: system is required, user is not", () => {
  expect(() => validateJobspec(jobspec({ attributes: { user: {} } }))).toThrow(
    "attributes.system is a required key",
  );
  expect(() => validateJobspec(system({}))).not.toThrow();
});

test("RFC 25 Attributes: duration is required", () => {
  expect(() => validateJobspec(jobspec({ attributes: { system: {} } }))).toThrow(
    "attributes.system.duration is a required key",
  );
});

test("RFC 25 Attributes: dependencies and constraints have their forms", () => {
  expect(() => validateJobspec(system({ dependencies: {} }))).toThrow("must be a list");
  expect(() =>
    validateJobspec(system({ dependencies: [{ scheme: "afterok", value: "f1" }] })),
  ).not.toThrow();
  expect(() => validateJobspec(system({ constraints: { foo: [] } }))).toThrow("operator 'foo'");
});
