import { readFileSync } from "node:fs";
import type { Flux } from "@flux-ts/client/handle";
import { onlyRanks, ranksOf, type SchedResources } from "@flux-ts/client/resource";
import { parseConstraint } from "@flux-ts/protocol/job/constraint";
import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import { config } from "@flux-ts/protocol/services/config";
import { Idset } from "@flux-ts/protocol/text/idset";
import { CommandError } from "../../usage-error.ts";

/** The configuration of the instance, or of a test's file. */
export async function configuration(
  flux: (() => Promise<Flux>) | undefined,
  file: string | undefined,
): Promise<JsonObject> {
  if (file !== undefined) {
    const value = parseJson(readFileSync(file, "utf8"));
    return isJsonObject(value) ? value : {};
  }
  return flux ? (await flux()).call(config.get) : {};
}

/** Ranks of these queues (RFC 33). Throws CommandError for one that is not configured. */
export function ranksOfQueues(
  resources: ResourceSet,
  { queues }: JsonObject,
  names: readonly string[],
): Idset {
  let ranks = new Idset();
  for (const name of names) {
    const queue = isJsonObject(queues) && Object.hasOwn(queues, name) ? queues[name] : undefined;
    if (!isJsonObject(queue)) throw new CommandError(`--queue: ${name}: no such queue`);
    const { requires } = queue;
    const set = Array.isArray(requires)
      ? resources.filter(parseConstraint({ properties: requires }))
      : resources;
    ranks = ranks.union(set.ranks);
  }
  return ranks;
}

/** Ranks that `--include` names. */
export function includedRanks(targets: string, resources: ResourceSet): Idset {
  try {
    return ranksOf(targets, resources);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`--include: Invalid hostlist: '${targets}'`);
  }
}

/** The resources that `--queue` and `--include` leave. */
export function filtered(
  resources: SchedResources,
  settings: JsonObject,
  { queue, include }: { readonly queue: readonly string[]; readonly include: string | undefined },
): SchedResources {
  let left = resources;
  if (queue.length > 0) left = onlyRanks(left, ranksOfQueues(left.all, settings, queue));
  if (include) left = onlyRanks(left, includedRanks(include, left.all));
  return left;
}
