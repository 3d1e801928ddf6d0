import { accessSync, constants, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import os from "node:os";
import { basename } from "node:path";
import type { Flux } from "@flux-ts/client/handle";
import { nodeidUpstream } from "@flux-ts/protocol/message/message";
import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { parseR, toR } from "@flux-ts/protocol/resource/resource-set-json";
import { resource } from "@flux-ts/protocol/services/resource";
import type { Severity } from "../../../plugins/module.ts";
import { buildTopology, type HostInfo } from "./build.ts";
import { boundCpus, usableCpus } from "./cpus.ts";
import { restrictTopology } from "./inventory-of.ts";
import { localResources } from "./local-resources.ts";
import { Reduction } from "./reduction.ts";
import type { SysFs } from "./sysfs.ts";
import { parseXml, printXml, type XmlElement } from "./xml.ts";

export interface TopologyOptions {
  readonly rank: number;
  /** Show the whole machine, not only the CPUs that this broker is bound to. */
  readonly noRestrict: boolean;
  /** The enclosing instance's broker here, whose topology is then taken. */
  readonly parent: Flux | undefined;
  log(severity: Severity, text: string): void;
}

/** The topology of this rank's host: where its cores and GPUs are, in hwloc's XML. */
export class LocalTopology {
  readonly xml: string;
  /** Cores and GPUs of this rank. */
  readonly resources: ResourceSet;
  readonly #rank: number;
  #reduction: Reduction | undefined;

  private constructor(topology: XmlElement, rank: number) {
    this.xml = documentOf(topology);
    this.#rank = rank;
    const keepDuplicates = process.env.FLUX_HWLOC_GPU_NO_DEDUP !== undefined;
    this.resources = localResources(topology, rank, os.hostname(), keepDuplicates);
  }

  static async load(options: TopologyOptions): Promise<LocalTopology> {
    const topology = (await fromParent(options)) ?? fromFile(options) ?? discover(options);
    return new LocalTopology(topology, options.rank);
  }

  serve(flux: Flux, onReduced: (resources: ResourceSet) => void): void {
    flux.serve(resource.topoGet, () => this.xml);
    flux.serve(resource.topoReduce, ({ count, resource: R }) => {
      if (this.#reduction?.onReport(count, parseR(R))) this.#finish(flux, onReduced);
    });
  }

  /** Gather the resources of all brokers at rank 0, each handing on what is below it. */
  reduce(flux: Flux, descendants: number, onReduced: (resources: ResourceSet) => void): void {
    this.#reduction = new Reduction(this.resources, descendants);
    if (this.#reduction.isComplete) this.#finish(flux, onReduced);
  }

  #finish(flux: Flux, onReduced: (resources: ResourceSet) => void): void {
    if (!this.#reduction) return;
    const { count, resources } = this.#reduction;
    if (this.#rank === 0) onReduced(resources);
    else {
      const report = { count, resource: toR(resources) };
      flux.send(resource.topoReduce, report, { nodeid: nodeidUpstream });
    }
  }
}

/** The resources in hwloc XML, as `resource.reload` takes them. */
export function resourcesOfXml(rank: number, xml: string): ResourceSet {
  return localResources(parseXml(xml), rank, os.hostname());
}

function documentOf(topology: XmlElement): string {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE topology SYSTEM "hwloc2.dtd">\n';
  return head + printXml(topology);
}

async function fromParent(options: TopologyOptions): Promise<XmlElement | undefined> {
  const { parent, noRestrict, log } = options;
  if (!parent) return undefined;
  try {
    const xml = await parent.call(resource.topoGet);
    log(6, `retrieved local hwloc XML from parent (norestrict=${noRestrict})`);
    return restricted(parseXml(xml), noRestrict);
  } catch (error) {
    log(7, `resource.topo-get to parent failed: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** A test's made-up machine. */
function fromFile({ noRestrict }: TopologyOptions): XmlElement | undefined {
  const path = process.env.FLUX_HWLOC_XMLFILE;
  if (path === undefined) return undefined;
  try {
    const topology = parseXml(readFileSync(path, "utf8"));
    const isForeign = process.env.FLUX_HWLOC_XMLFILE_NOT_THISSYSTEM !== undefined;
    return restricted(topology, noRestrict || isForeign);
  } catch {
    return undefined; // as flux-core: the real machine then
  }
}

function restricted(topology: XmlElement, noRestrict: boolean): XmlElement {
  const cpus = noRestrict ? undefined : boundCpus(sysFs);
  return (cpus && restrictTopology(topology, cpus)) ?? topology;
}

function discover({ noRestrict }: TopologyOptions): XmlElement {
  const usable = usableCpus(sysFs);
  const bound = noRestrict ? undefined : boundCpus(sysFs)?.intersect(usable);
  return buildTopology(sysFs, hostInfo(), bound && !bound.isEmpty ? bound : usable);
}

function hostInfo(): HostInfo {
  return {
    hostname: os.hostname(),
    osName: os.type(),
    osRelease: os.release(),
    osVersion: os.version(),
    architecture: os.machine(),
  };
}

const sysFs: SysFs = {
  read: (path) => attempt(() => readFileSync(path, "utf8").trimEnd()),
  list: (path) => attempt(() => readdirSync(path)) ?? [],
  link: (path) => attempt(() => basename(readlinkSync(path))),
  isDevice: (path) =>
    attempt(() => {
      accessSync(path, constants.R_OK | constants.W_OK);
      return statSync(path).isCharacterDevice();
    }) ?? false,
};

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // what the kernel does not show is not there
  }
}
