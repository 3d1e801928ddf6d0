import type { InstanceOptions } from "@flux-ts/protocol/job/from-batch";
import type { Jobspec } from "@flux-ts/protocol/job/jobspec";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Occurrence } from "../command.ts";
import { flag, int, list, type Option, type OptionValues, text } from "../option.ts";
import { CommandError } from "../usage-error.ts";
import { otherResources } from "./command-jobspec.ts";
import { instanceConfig } from "./instance-config.ts";
import { applyJobOptions, type Caller, jobOptionsOf } from "./job-options.ts";
import { commonOptions, type shapeOptions } from "./options.ts";

const hidden = <T>(option: Option<T>): Option<T> => ({ ...option, hidden: true });

/** Options of `batch` and `alloc`. */
export const instanceOptions = {
  ...commonOptions,
  input: hidden(commonOptions.input),
  output: hidden(commonOptions.output),
  error: hidden(commonOptions.error),
  labelIo: hidden(commonOptions.labelIo),
  addBrokers: int("--add-brokers=N", "", { initial: 0, hidden: true }),
  conf: list(
    "--conf=CONF",
    "Set configuration for a child Flux instance. CONF may be a multiline string in JSON or TOML, a configuration key=value, a path to a JSON or TOML file, or a configuration loaded by name from a standard search path. This option may specified multiple times, in which case the config is iteratively updated.",
  ),
  brokerOpts: list("--broker-opts=OPTS", "Pass options to flux brokers", {
    aliases: ["--broker-opt"],
  }),
  dump: text("--dump[=FILE]", "Archive KVS on exit", { implied: "flux-{{jobid}}-dump.tgz" }),
  nslots: int(
    "-n, --nslots=N",
    "Number of total resource slots requested. The size of a resource slot may be specified via the -c, --cores-per-slot and -g, --gpus-per-slot options. The default slot size is 1 core.",
  ),
  coresPerSlot: int("-c, --cores-per-slot=N", "Number of cores to allocate per slot"),
  gpusPerSlot: int("-g, --gpus-per-slot=N", "Number of GPUs to allocate per slot"),
  nodes: int("-N, --nodes=N", "Distribute allocated resource slots across N individual nodes"),
  exclusive: flag("-x, --exclusive", "With -N, --nodes, allocate nodes exclusively"),
};
export type InstanceCommandOptions = OptionValues<typeof instanceOptions> &
  OptionValues<typeof shapeOptions>;

/** Heading of the options that follow those of a command. */
export const instanceGroups = {
  resourcesShape: "Options provided by plugins (--help=OPTION for extended plugin documentation):",
};

/** The jobspec of an instance: `make` builds it, then what else the options say is put in. */
export async function instanceJobspec(
  options: InstanceCommandOptions,
  occurrences: readonly Occurrence[],
  caller: Caller,
  make: (options: InstanceOptions) => Jobspec,
): Promise<Jobspec> {
  const config = await instanceConfig(options.conf, caller.env);
  try {
    const jobspec = make({
      ...jobOptionsOf(options, occurrences, caller),
      input: options.input,
      nslots: options.nslots ?? (hasShape(options) ? 1 : undefined),
      coresPerSlot: options.coresPerSlot,
      gpusPerSlot: options.gpusPerSlot,
      nodes: options.nodes,
      exclusive: options.exclusive,
      brokerOptions: options.brokerOpts,
      config,
      dump: options.dump,
      addBrokers: options.addBrokers,
    });
    applyJobOptions(jobspec, options, caller);
    const resources = otherResources(options);
    if (resources) jobspec.resources = resources;
    return jobspec;
  } catch (error) {
    if (error instanceof FluxError) throw new CommandError(error.message);
    throw error;
  }
}

/** Resources are given otherwise; slots are counted there. */
function hasShape({ nodes, resourcesShape, resourcesJson }: InstanceCommandOptions): boolean {
  return nodes === undefined && (resourcesShape !== undefined || resourcesJson !== undefined);
}
