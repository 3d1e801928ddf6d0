import { NodeResources } from "../resource/node-resources.ts";
import { ResourceSet } from "../resource/resource-set.ts";
import { inventoryOf } from "./inventory-of.ts";
import type { XmlElement } from "./xml.ts";

/** What a rank has, according to the topology of its host. */
export function localResources(
  topology: XmlElement,
  rank: number,
  defaultHostname: string,
  keepDuplicateGpus = false,
): ResourceSet {
  const { hostname = defaultHostname, cores, gpus } = inventoryOf(topology, keepDuplicateGpus);
  const resources = NodeResources.of([
    ["core", cores],
    ["gpu", gpus],
  ]);
  return ResourceSet.of([{ rank, hostname, resources }]);
}
