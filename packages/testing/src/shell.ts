import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Flux } from "@flux-ts/client/handle";
import { Kvs } from "@flux-ts/client/kvs";
import { type EventlogEntry, parseEventlog } from "@flux-ts/protocol/job/eventlog";
import { type JobId, toJobId } from "@flux-ts/protocol/job/fluid";
import type { Jobspec } from "@flux-ts/protocol/job/jobspec";
import { type IoData, parseOutputEvent } from "@flux-ts/protocol/job/output";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { method } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { t } from "@flux-ts/protocol/schema/schema";
import { kvs } from "@flux-ts/protocol/services/kvs";
import { Taskmap } from "@flux-ts/protocol/text/taskmap";
import contentModule from "flux-ts/modules/content/content";
import kvsModule from "flux-ts/modules/kvs/kvs";
import { builtins } from "flux-ts/shell/builtins";
import type { ShellPlugin } from "flux-ts/shell/plugin";
import { Shell, type ShellEnd } from "flux-ts/shell/shell";
import { Site } from "flux-ts/shell/site";
import { type TestBroker, testBroker, testOwner } from "./broker.ts";

const emptyDirectory = "sha1-c0a9faf907dda6216fd73bf81d0b3b21a1a8cb91";

/** A job for a shell: what to run, how often, and with which shell options. */
export interface ShellJobOptions {
  readonly command: readonly string[];
  readonly ntasks?: number;
  readonly options?: JsonObject;
  readonly environment?: Readonly<Record<string, string>>;
  /** Further system attributes, such as `cwd` and `files`. */
  readonly system?: JsonObject;
  readonly plugins?: readonly ShellPlugin[];
  /** Seconds since the epoch. */
  readonly expiration?: number;
}

const raise = method("job-manager.raise", {
  request: {
    id: t.jobId,
    type: t.string,
    severity: t.int,
    note: t.string,
    wait_status: t.optional(t.int),
  },
});

/** Runs job shells, with real tasks, in a broker that has a KVS and takes exceptions. */
export class ShellBench implements AsyncDisposable {
  readonly broker: TestBroker;
  /** The handle of the shells. */
  readonly flux: Flux;
  readonly directory: string;
  readonly exceptions: { type: string; severity: number; note: string; wait_status?: number }[] =
    [];
  /** What shells wrote outside of their jobs' logs. */
  readonly stderr: string[] = [];
  readonly #site: Site;
  #count = 0;

  private constructor(broker: TestBroker, flux: Flux, site: Site, directory: string) {
    this.broker = broker;
    this.flux = flux;
    this.#site = site;
    this.directory = directory;
  }

  static async open(): Promise<ShellBench> {
    const directory = mkdtempSync(join(tmpdir(), "flux-shell-"));
    const attrs = { rundir: directory, "jobid-path": "/", "local-uri": "local:///nowhere" };
    const broker = await testBroker({ modules: [contentModule, kvsModule], attrs });
    const flux = broker.connect();
    const site = await Site.open(flux, { isResident: true });
    const bench = new ShellBench(broker, flux, site, directory);
    const manager = broker.connect();
    manager.serve(raise, ({ id: _id, ...exception }) => {
      bench.exceptions.push(exception as (typeof bench.exceptions)[number]);
    });
    await manager.addService("job-manager");
    return bench;
  }

  /** Make a job's namespace and its shell, and start it. */
  async start(job: ShellJobOptions): Promise<ShellRun> {
    const id = toJobId(BigInt(++this.#count) << 24n);
    const namespace = `job-${id}`;
    const owner = { owner: testOwner, rootref: emptyDirectory, flags: 0 };
    await this.broker.flux.call(kvs.namespaceCreate, { namespace, ...owner });
    const jobspec = jobspecOf(job);
    const environment = { PATH: "/usr/bin:/bin", ...job.environment };
    const R = resourcesOf(job);
    const setup = { id, userid: testOwner, jobspec, environment, R };
    const shell = new Shell(this.#site, setup, (line) => this.stderr.push(line));
    const ended = shell.run([...builtins, ...(job.plugins ?? [])]);
    return new ShellRun(shell, ended, new Kvs(this.broker.flux, namespace));
  }

  /** Run a job to its end. */
  async run(job: ShellJobOptions): Promise<FinishedShell> {
    return (await this.start(job)).finished();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#site.directories.clear();
    await this.broker[Symbol.asyncDispose]();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A shell that runs. */
export class ShellRun {
  readonly shell: Shell;
  readonly ended: Promise<ShellEnd>;
  readonly #kvs: Kvs;

  constructor(shell: Shell, ended: Promise<ShellEnd>, store: Kvs) {
    this.shell = shell;
    this.ended = ended;
    this.#kvs = store;
  }

  get id(): JobId {
    return this.shell.job.id;
  }

  async finished(): Promise<FinishedShell> {
    const end = await this.ended;
    const [exec, output, input] = await Promise.all(
      ["exec.eventlog", "output", "input"].map((key) => this.#whole(key)),
    );
    return new FinishedShell(end, exec!, output!, input!);
  }

  /** A log with what the shell left to whoever runs it, as it does for a short job. */
  async #whole(key: string): Promise<EventlogEntry[]> {
    const handedOver = this.shell.remainingLogs?.[key] ?? "";
    return [...(await this.log(key)), ...parseEventlog(handedOver)];
  }

  /** Events of a log so far. */
  async log(key: string): Promise<EventlogEntry[]> {
    try {
      return parseEventlog(await this.#kvs.getText(key));
    } catch (error) {
      if (isErrno(error, "ENOENT")) return [];
      throw error;
    }
  }
}

/** What a shell left behind. */
export class FinishedShell {
  readonly end: ShellEnd;
  readonly exec: readonly EventlogEntry[];
  readonly output: readonly EventlogEntry[];
  readonly input: readonly EventlogEntry[];

  constructor(
    end: ShellEnd,
    exec: readonly EventlogEntry[],
    output: readonly EventlogEntry[],
    input: readonly EventlogEntry[],
  ) {
    this.end = end;
    this.exec = exec;
    this.output = output;
    this.input = input;
  }

  /** Data of a stream of a task, in the output log. */
  text(stream: string, rank = 0): string {
    const pieces = this.data.filter((data) => data.stream === stream && data.rank === `${rank}`);
    return pieces.map(({ data }) => (data ? new TextDecoder().decode(data) : "")).join("");
  }

  get stdout(): string {
    return this.text("stdout");
  }

  get data(): IoData[] {
    return this.output.flatMap((entry) => {
      const event = parseOutputEvent(entry);
      return event?.name === "data" ? [event.context] : [];
    });
  }

  /** Lines of the shell itself. */
  get logged(): string[] {
    const lines = this.output.filter(({ name }) => name === "log");
    return lines.map(({ context }) => String(context?.message));
  }
}

function jobspecOf({ command, ntasks = 1, options, system }: ShellJobOptions): Jobspec {
  const slot = { type: "slot", label: "task", count: ntasks, with: [{ type: "core", count: 1 }] };
  return {
    version: 1,
    resources: [slot],
    tasks: [{ command: [...command], slot: "task", count: { per_slot: 1 } }],
    attributes: {
      system: {
        duration: 0,
        cwd: "/tmp",
        // The bench's broker knows no topology.
        shell: { options: { "cpu-affinity": "off", ...options } },
        ...system,
      },
    },
  };
}

function resourcesOf({ ntasks = 1, expiration = 0 }: ShellJobOptions): JsonObject {
  const R_lite = [{ rank: "0", children: { core: ntasks > 1 ? `0-${ntasks - 1}` : "0" } }];
  return { version: 1, execution: { R_lite, nslots: ntasks, nodelist: ["host0"], expiration } };
}

/** The map of a job whose tasks all run on one node. */
export const oneNode = (ntasks: number): Taskmap => new Taskmap().append(0, 1, ntasks);
