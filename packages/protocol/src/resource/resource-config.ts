import { FluxError } from "../rpc/error.ts";
import { isJsonObject, type Json } from "../schema/json.ts";
import { Hostlist } from "../text/hostlist.ts";
import { Idset } from "../text/idset.ts";
import { NodeResources } from "./node-resources.ts";
import { checkPropertyName } from "./property-map.ts";
import { type ResourceNode, ResourceSet } from "./resource-set.ts";

const keys = ["hosts", "cores", "gpus", "properties"];

/** One table of `[[resource.config]]`. */
interface Entry {
  readonly hosts: Hostlist;
  readonly resources: NodeResources;
  readonly properties: readonly string[];
}

/**
 * The resource set that a configuration's `resource.config` array describes. Hosts get ranks in
 * the order in which they first appear. EINVAL naming the table that is wrong.
 */
export function resourceSetFromConfig(config: Json | undefined): ResourceSet {
  if (!Array.isArray(config)) throw refuse("resource config must be an array");
  const ranks = new Map<string, number>();
  const nodes: ResourceNode[] = [];
  const properties = new Map<string, Idset>();
  for (const [index, value] of config.entries()) {
    const entry = parseEntry(value, `config[${index}]`);
    for (const hostname of entry.hosts) {
      const rank = ranks.get(hostname) ?? ranks.size;
      ranks.set(hostname, rank);
      nodes.push({ rank, hostname, resources: entry.resources });
      for (const name of entry.properties) {
        properties.set(name, (properties.get(name) ?? new Idset()).add(rank));
      }
    }
  }
  if (nodes.length === 0) throw refuse("no hosts configured");
  const set = ResourceSet.of(nodes);
  const empty = set.nodes.filter(({ resources }) => resources.isEmpty);
  if (empty.length) {
    const hosts = Hostlist.from(empty.map(({ hostname = "" }) => hostname));
    throw refuse(`resource.config: ${hosts.encode()} assigned no resources`);
  }
  for (const [name, having] of properties) set.setProperty(name, having);
  return set;
}

function parseEntry(value: Json, where: string): Entry {
  if (!isJsonObject(value)) throw refuse(`${where}: not a table`);
  for (const key in value) if (!keys.includes(key)) throw refuse(`${where}: unknown key ${key}`);
  const { hosts, cores, gpus, properties = [] } = value;
  if (typeof hosts !== "string") throw refuse(`${where}: hosts must be a string`);
  const list = parsed(() => Hostlist.parse(hosts), `${where}: invalid hostlist '${hosts}'`);
  if (list.size === 0) throw refuse(`${where}: empty hostlist specified`);
  const resources = NodeResources.of([
    ["core", idsOf("cores", cores, where)],
    ["gpu", idsOf("gpus", gpus, where)],
  ]);
  if (!Array.isArray(properties)) throw refuse(`${where}: properties must be an array`);
  return { hosts: list, resources, properties: properties.map((p) => propertyOf(p, where)) };
}

function idsOf(key: string, value: Json | undefined, where: string): Idset {
  if (value === undefined) return new Idset();
  if (typeof value !== "string") throw refuse(`${where}: ${key} must be a string`);
  return parsed(() => Idset.parse(value), `${where}: invalid idset ${key}='${value}'`);
}

function propertyOf(value: Json, where: string): string {
  const message = `${where}: invalid property ${JSON.stringify(value)}`;
  if (typeof value !== "string") throw refuse(message);
  parsed(() => checkPropertyName(value), message);
  return value;
}

function parsed<T>(parse: () => T, message: string): T {
  try {
    return parse();
  } catch (cause) {
    throw new FluxError("EINVAL", message, { cause });
  }
}

function refuse(text: string): FluxError {
  return new FluxError("EINVAL", text);
}
