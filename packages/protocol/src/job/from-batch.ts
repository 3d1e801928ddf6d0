import { FluxError } from "../rpc/error.ts";
import type { JsonObject } from "../schema/json.ts";
import { Idset } from "../text/idset.ts";
import { dottedValue, setDotted } from "./dotted-path.ts";
import { jsonFileOf } from "./fileref.ts";
import { type JobOptions, jobspecOf } from "./from-command.ts";
import { sizeByTask } from "./job-size.ts";
import { addFile, type Jobspec, setShellOption } from "./jobspec.ts";

/** What `batch` and `alloc` say about the Flux instance that they start as a job. */
export interface InstanceOptions extends JobOptions {
  /** Slots; the instance gets their resources. Default: one per node, and whole nodes. */
  readonly nslots?: number | undefined;
  readonly coresPerSlot?: number | undefined;
  readonly gpusPerSlot?: number | undefined;
  readonly nodes?: number | undefined;
  readonly exclusive?: boolean | undefined;
  /** Options of its brokers; each may be several, separated by commas. */
  readonly brokerOptions?: readonly string[] | undefined;
  /** Its configuration. */
  readonly config?: JsonObject | undefined;
  /** Archive its KVS here when it ends. */
  readonly dump?: string | undefined;
  /** Brokers to run on the first node besides its own, without resources of theirs. */
  readonly addBrokers?: number | undefined;
}

export interface BatchOptions extends InstanceOptions {
  /** Arguments of the script. */
  readonly args?: readonly string[] | undefined;
}

export interface AllocOptions extends InstanceOptions {
  /** Nobody attaches: the instance has no initial program unless a command is given. */
  readonly background?: boolean | undefined;
  /** The user's terminal is to be attached. */
  readonly interactive?: boolean | undefined;
}

/** Where a job finds the files of its jobspec. */
const configPath = "{{tmpdir}}/conf.json";
const scriptPath = "{{tmpdir}}/script";
const defaultOutput = "flux-{{id}}.out";

const refuse = (text: string): FluxError => new FluxError("EINVAL", text);

/**
 * The jobspec of an instance that runs this script; `name` is what errors and listings call it.
 * EINVAL if it is no script, or options contradict each other.
 */
export function fromBatch(script: string, name: string, options: BatchOptions = {}): Jobspec {
  if (!script.startsWith("#!")) throw refuse(`${name} does not appear to start with '#!'`);
  const command = [scriptPath, ...(options.args ?? [])];
  const jobspec = instanceJobspec(command, {
    ...options,
    name: options.name ?? name,
    output: options.output ?? defaultOutput,
  });
  addFile(jobspec, "script", { mode: 0o100700, data: script, encoding: "utf-8" });
  return jobspec;
}

/** The jobspec of an instance that runs this command, or a shell if it is empty. */
export function fromAlloc(command: readonly string[], options: AllocOptions = {}): Jobspec {
  const { background = false, interactive = false, brokerOptions = [] } = options;
  const isIdle = background && command.length === 0;
  const jobspec = instanceJobspec(command, {
    ...options,
    brokerOptions: isIdle ? [...brokerOptions, "-Sbroker.rc2_none=1"] : brokerOptions,
  });
  // An interactive terminal makes the job wait for somebody to attach.
  if (background) setShellOption(jobspec, "pty.capture", 1);
  else if (interactive) setShellOption(jobspec, "pty.interactive", 1);
  return jobspec;
}

function instanceJobspec(command: readonly string[], options: InstanceOptions): Jobspec {
  const { nodes, nslots, addBrokers = 0 } = options;
  if (!nslots && !nodes) throw refuse("Number of slots to allocate must be specified");
  if (addBrokers > 0 && !nodes) {
    throw refuse("--add-brokers may only be specified with -N, --nnodes");
  }
  const size = sizeByTask({
    ntasks: nslots || nodes || 0,
    coresPerTask: options.coresPerSlot,
    gpusPerTask: options.gpusPerSlot,
    nodes,
    exclusive: options.exclusive || !nslots,
  });
  const config = addBrokers > 0 ? withoutBrokers(options.config, addBrokers) : options.config;
  const broker = ["flux", "broker", ...brokerOptionsOf(options, config !== undefined)];
  const jobspec = jobspecOf([...broker, ...command], size, options);
  setShellOption(jobspec, "per-resource.type", "node");
  setShellOption(jobspec, "mpi", "none");
  setShellOption(jobspec, "exit-timeout", "none");
  if (config !== undefined) addFile(jobspec, "conf.json", jsonFileOf(config));
  if (addBrokers > 0) addBrokersTo(jobspec, nodes!, addBrokers);
  return jobspec;
}

function brokerOptionsOf({ brokerOptions = [], dump }: InstanceOptions, hasConfig: boolean) {
  const given = dump === undefined ? brokerOptions : [...brokerOptions, `-Scontent.dump=${dump}`];
  const options = given.flatMap((option) => option.split(","));
  return hasConfig ? [...options, `-c${configPath}`] : options;
}

/** Several brokers on the first node, where all but one are there for testing only. */
function addBrokersTo(jobspec: Jobspec, nodes: number, count: number): void {
  jobspec.tasks[0]!.count = { total: nodes + count };
  delete jobspec.attributes.system.shell?.options?.["per-resource"];
  const value = `[[0,1,${1 + count},1],[1,${nodes - 1},1,1]]`;
  setShellOption(jobspec, "taskmap", { scheme: "manual", value });
}

/** The configuration with the additional brokers excluded from scheduling. */
function withoutBrokers(config: JsonObject = {}, count: number): JsonObject {
  const given = dottedValue(config, "resource.exclude");
  const excluded = Idset.parse(given === undefined ? "" : String(given)).addRange(1, count);
  const resource = dottedValue(config, "resource");
  const copy = { ...config, resource: { ...(resource as JsonObject | undefined) } };
  setDotted(copy, "resource.exclude", excluded.encode());
  return copy;
}
