import { fromCommand } from "@flux-ts/protocol/job/from-command";
import { expect, test } from "vitest";
import { instanceSize, requireInstance } from "./require-instance.ts";

test("large jobs have to be instances; small ones need not", () => {
  const size = instanceSize({}, { minnodes: 4 });
  expect(size).toEqual({ minnodes: 4, mincores: 64 });
  expect(() => requireInstance(fromCommand(["app"], { nodes: 2, ntasks: 2 }), size)).not.toThrow();
  expect(() => requireInstance(fromCommand(["app"], { nodes: 4, ntasks: 4 }), size)).toThrow(
    "Direct job submission disabled for jobs >= 4 nodes or 64 cores." +
      " Please use flux-batch(1) or flux-alloc(1)",
  );
  const broker = fromCommand(["/usr/bin/flux", "broker"], { nodes: 4, ntasks: 4 });
  expect(() => requireInstance(broker, size)).not.toThrow();
});

test("without sizes it holds for all jobs; the configuration gives sizes, too", () => {
  const config = { ingest: { validator: { "require-instance": { mincores: 8 } } } };
  expect(instanceSize(config, {})).toEqual({ minnodes: 0, mincores: 8 });
  expect(() => requireInstance(fromCommand(["app"]), instanceSize({}, {}))).toThrow(
    "Direct job submission disabled for all jobs in this instance.",
  );
});
