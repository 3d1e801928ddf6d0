import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Taskmap } from "@flux-ts/protocol/text/taskmap";
import { UsageError } from "../usage-error.ts";

/**
 * `--test-pmi-clique`: which brokers take each other to be on one node. `single` (all), `per-broker`,
 * `none` (not known: undefined), or a taskmap. Returns the value for `PMI_process_mapping`.
 */
export function processMapping(mode: string, size: number): string | undefined {
  switch (mode) {
    case "single":
      return new Taskmap().append(0, 1, size).toPmi();
    case "per-broker":
      return new Taskmap().append(0, size, 1).toPmi();
    case "none":
      return undefined;
    default:
      try {
        return Taskmap.parse(mode).toPmi();
      } catch (error) {
        if (!(error instanceof FluxError)) throw error;
        throw new UsageError(`test-pmi-clique: ${error.message}`, "none");
      }
  }
}
