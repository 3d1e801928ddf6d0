import { FluxError } from "../rpc/error.ts";
import { type JsonObject, parseJson } from "../schema/json.ts";
import { type TypeOf, t } from "../schema/schema.ts";
import { Hostlist } from "../text/hostlist.ts";
import { Idset } from "../text/idset.ts";
import { NodeResources } from "./node-resources.ts";
import { checkPropertyName } from "./property-map.ts";
import { type ResourceNode, ResourceSet } from "./resource-set.ts";

/** R (RFC 20) as it travels and is stored. */
export type R = TypeOf<typeof rSchema>;

/** A schema for R in RPCs: times are printed as reals, which peers insist on. */
export const rSchema = t.object({
  version: t.int,
  execution: t.object({
    R_lite: t.array(t.object({ rank: t.string, children: t.record(t.string) })),
    nslots: t.optional(t.int),
    starttime: t.optional(t.real),
    expiration: t.optional(t.real),
    nodelist: t.optional(t.array(t.string)),
    properties: t.optional(t.record(t.string)),
  }),
  scheduling: t.optional(t.jsonObject),
});

/** A resource set from its JSON value. EPROTO or EINVAL saying what is wrong with it. */
export function parseR(json: unknown): ResourceSet {
  const { version, execution, scheduling } = rSchema.check(json, "R");
  if (version !== 1) throw new FluxError("EINVAL", `invalid version=${version}`);
  const { R_lite, nodelist, properties = {} } = execution;
  const set = ResourceSet.of(nodesOf(R_lite), {
    starttime: Math.max(0, execution.starttime ?? 0),
    expiration: Math.max(0, execution.expiration ?? 0),
    nslots: Math.max(0, execution.nslots ?? 0),
    scheduling,
  });
  if (nodelist) set.assignHosts(hostsOf(nodelist));
  assignProperties(set, properties);
  return set;
}

/** A resource set from its text. */
export function parseRText(text: string): ResourceSet {
  try {
    return parseR(parseJson(text));
  } catch (cause) {
    if (cause instanceof FluxError) throw cause;
    throw new FluxError("EPROTO", "R is not JSON", { cause });
  }
}

/**
 * Give a set properties as R and configuration name them: idset text by name. Changes nothing if
 * a name or a set of ranks is not valid.
 */
export function assignProperties(
  set: ResourceSet,
  properties: Readonly<Record<string, string>>,
): void {
  const checked = Object.entries(properties).map(([name, text]) => {
    checkPropertyName(name);
    return [name, ranksOf(name, text)] as const;
  });
  for (const [name, ranks] of checked) set.setProperty(name, ranks);
}

/** The JSON value of a resource set, nodes with equal resources taken together. */
export function toR(set: ResourceSet): R & JsonObject {
  const nodelist = set.nodelist();
  const properties = [...set.properties].map(([name, ranks]) => [name, ranks.encode()] as const);
  return {
    version: 1,
    execution: {
      R_lite: set.groups().map(({ ranks, resources }) => ({
        rank: ranks.encode(),
        children: resources.toJson(),
      })),
      ...(set.nslots > 0 && { nslots: set.nslots }),
      starttime: set.starttime,
      expiration: set.expiration,
      ...(nodelist && { nodelist: [nodelist.encode()] }),
      ...(properties.length && { properties: Object.fromEntries(properties) }),
    },
    ...(set.scheduling && { scheduling: set.scheduling }),
  };
}

/** The text of a resource set. */
export function encodeR(set: ResourceSet): string {
  return rSchema.print!(toR(set));
}

function* nodesOf(entries: R["execution"]["R_lite"]): Iterable<ResourceNode> {
  for (const { rank: ranks, children } of entries) {
    const resources = NodeResources.parse(children);
    for (const rank of Idset.parse(ranks)) yield { rank, hostname: undefined, resources };
  }
}

function hostsOf(nodelist: readonly string[]): Hostlist {
  const hosts = new Hostlist();
  for (const text of nodelist) hosts.append(text);
  return hosts;
}

function ranksOf(property: string, text: string): Idset {
  try {
    return Idset.parse(text);
  } catch (cause) {
    const message = `invalid idset '${text}' specified for property "${property}"`;
    throw new FluxError("EINVAL", message, { cause });
  }
}
