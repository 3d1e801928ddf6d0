import { hostname } from "node:os";
import type { Flux } from "@flux-ts/client/handle";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { attr } from "@flux-ts/protocol/services/attr";
import { resource } from "@flux-ts/protocol/services/resource";
import { Idset } from "@flux-ts/protocol/text/idset";
import { affinity } from "../native/affinity.ts";
import { type JobNamer, jobNamer } from "../plugins/job-name.ts";
import { JobDirectories } from "./job-directories.ts";
import { type CpuTopology, topologyOf } from "./topology/cpu-topology.ts";

/** Attributes that shells need, asked for once. */
const attributeNames = [
  "rundir",
  "jobid-path",
  "instance-level",
  "tbon.interface-hint",
  "security.owner",
  "conf.shell_initrc",
  "local-uri",
] as const;
type AttributeName = (typeof attributeNames)[number];

export interface SiteFacts {
  readonly rank: number;
  readonly isResident: boolean;
  readonly topologyXml: string | undefined;
  readonly attributes: ReadonlyMap<string, string>;
}

/** How long first events are gathered: at least, for each shell that runs, and at most. */
const firstBatchMs = { base: 25, perShell: 2, most: 200 };

/** What all shells of a process share: the connection, and what does not change while it lasts. */
export class Site {
  readonly flux: Flux;
  /** Of the broker. */
  readonly rank: number;
  readonly hostname = hostname();
  /** The process hosts shells of several jobs, so none may change anything of its own. */
  readonly isResident: boolean;
  /** The node's topology, as hwloc XML; undefined if the broker does not know it. */
  readonly topologyXml: string | undefined;
  /** The node's cores. */
  readonly topology: CpuTopology | undefined;
  /** CPUs that this process may use, and so its tasks. */
  readonly allowedCpus: Idset;
  readonly directories: JobDirectories;
  /** How this process shows job ids. */
  readonly nameJob: JobNamer = jobNamer(process.env);
  /** How many shells run. */
  shells = 0;
  /** The directory that was last seen to be fit to work in, and when. */
  goodDirectory = { path: "", time: 0 };
  readonly #attributes: ReadonlyMap<string, string>;

  constructor(flux: Flux, facts: SiteFacts) {
    this.flux = flux;
    this.rank = facts.rank;
    this.isResident = facts.isResident;
    this.topologyXml = facts.topologyXml;
    this.topology = facts.topologyXml === undefined ? undefined : topologyOf(facts.topologyXml);
    this.allowedCpus = Idset.from(affinity());
    this.directories = new JobDirectories({ keepsSpares: facts.isResident });
    this.#attributes = facts.attributes;
  }

  static async open(flux: Flux, options: { isResident: boolean }): Promise<Site> {
    const [rank, topologyXml, ...values] = await Promise.all([
      flux.rank(),
      // Without it tasks are not bound to CPUs, but run.
      flux.call(resource.topoGet).catch(() => undefined),
      ...attributeNames.map((name) => attributeOf(flux, name)),
    ]);
    const attributes = new Map<string, string>();
    attributeNames.forEach((name, index) => {
      const value = values[index];
      if (value !== undefined) attributes.set(name, value);
    });
    return new Site(flux, { ...options, rank, topologyXml, attributes });
  }

  /**
   * How long a shell gathers events before its first commit. When many jobs share the processor
   * each takes longer, and should be no less likely to end before that.
   */
  get firstBatchMs(): number {
    const { base, perShell, most } = firstBatchMs;
    return Math.min(base + perShell * this.shells, most);
  }

  attribute(name: AttributeName): string | undefined {
    return this.#attributes.get(name);
  }

  /** Userid of the instance owner. */
  get owner(): number {
    return Number(this.attribute("security.owner") ?? 0);
  }

  /** Where programs of this broker connect to. */
  get uri(): string {
    return process.env.FLUX_URI ?? this.attribute("local-uri") ?? "";
  }
}

async function attributeOf(flux: Flux, name: string): Promise<string | undefined> {
  try {
    return (await flux.call(attr.get, { name })).value;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
