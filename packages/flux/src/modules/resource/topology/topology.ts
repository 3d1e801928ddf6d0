import os from "node:os";
import type { Flux } from "@flux-ts/client/handle";
import { boundTopology, keepsDuplicateGpus, localTopology } from "@flux-ts/client/local-topology";
import { nodeidUpstream } from "@flux-ts/protocol/message/message";
import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { parseR, toR } from "@flux-ts/protocol/resource/resource-set-json";
import { resource } from "@flux-ts/protocol/services/resource";
import { localResources } from "@flux-ts/protocol/topology/local-resources";
import { parseXml, printDocument, type XmlElement } from "@flux-ts/protocol/topology/xml";
import type { Severity } from "../../../plugins/module.ts";
import { Reduction } from "./reduction.ts";

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
    this.xml = printDocument(topology);
    this.#rank = rank;
    this.resources = localResources(topology, rank, os.hostname(), keepsDuplicateGpus());
  }

  static async load(options: TopologyOptions): Promise<LocalTopology> {
    const topology = (await fromParent(options)) ?? localTopology(options.noRestrict);
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
  return localResources(parseXml(xml), rank, os.hostname(), keepsDuplicateGpus());
}

async function fromParent(options: TopologyOptions): Promise<XmlElement | undefined> {
  const { parent, noRestrict, log } = options;
  if (!parent) return undefined;
  try {
    const topology = parseXml(await parent.call(resource.topoGet));
    log(6, `retrieved local hwloc XML from parent (norestrict=${noRestrict})`);
    return noRestrict ? topology : boundTopology(topology);
  } catch (error) {
    log(7, `resource.topo-get to parent failed: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}
