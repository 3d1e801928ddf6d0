import { jobspecOf } from "@flux-ts/protocol/job/from-command";
import { type JobSize, jobSizeOf, parseSize } from "@flux-ts/protocol/job/job-size";
import type { Jobspec } from "@flux-ts/protocol/job/jobspec";
import { parseResourceShape } from "@flux-ts/protocol/job/resource-shape";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, parseJson } from "@flux-ts/protocol/schema/json";
import type { Occurrence } from "../command.ts";
import { CommandError } from "../usage-error.ts";
import { applyJobOptions, type Caller, jobOptionsOf } from "./job-options.ts";
import { readNamed } from "./key-values.ts";
import type { CommandJobOptions } from "./options.ts";

/** The jobspec of a command and the options of `submit` or `run`. */
export function commandJobspec(
  command: readonly string[],
  options: CommandJobOptions,
  occurrences: readonly Occurrence[],
  caller: Caller,
): Jobspec {
  const words = command[0] === "--" ? command.slice(1) : command;
  if (words.length === 0) throw new CommandError("job command and arguments are missing");
  try {
    const size = sizeOf(options);
    const jobspec = jobspecOf(words, size, jobOptionsOf(options, occurrences, caller));
    applyJobOptions(jobspec, options, caller);
    const resources = otherResources(options);
    if (resources) jobspec.resources = resources;
    return jobspec;
  } catch (error) {
    if (error instanceof FluxError) throw new CommandError(error.message);
    throw error;
  }
}

function sizeOf(options: CommandJobOptions): JobSize {
  return jobSizeOf({
    ntasks: parseSize("ntasks", options.ntasks),
    nodes: parseSize("nodes", options.nodes),
    cores: parseSize("cores", options.cores),
    coresPerTask: parseSize("cores-per-task", options.coresPerTask),
    gpusPerTask: parseSize("gpus-per-task", options.gpusPerTask),
    tasksPerNode: parseSize("tasks-per-node", options.tasksPerNode),
    tasksPerCore: parseSize("tasks-per-core", options.tasksPerCore),
    gpusPerNode: parseSize("gpus-per-node", options.gpusPerNode),
    exclusive: options.exclusive,
  });
}

/** Resources that replace those of the size options. */
export function otherResources(options: {
  readonly resourcesShape: string | undefined;
  readonly resourcesJson: string | undefined;
}): Jobspec["resources"] | undefined {
  const { resourcesShape: shape, resourcesJson: path } = options;
  if (shape !== undefined && path !== undefined) {
    throw new CommandError(
      "Only one of --resources-shape and --resources-json options can be specified",
    );
  }
  if (shape !== undefined) return parseResourceShape(shape);
  if (path === undefined) return undefined;
  const value = parseNamed(path);
  const resources = isJsonObject(value) ? value.resources : value;
  if (!Array.isArray(resources)) throw new CommandError(`--resources-json: ${path}: no resources`);
  return resources as unknown as Jobspec["resources"];
}

function parseNamed(path: string): Json {
  try {
    return parseJson(readNamed(path).toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new CommandError(`${path}: ${error.message}`);
    throw error;
  }
}
