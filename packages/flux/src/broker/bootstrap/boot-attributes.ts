import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Taskmap } from "@flux-ts/protocol/text/taskmap";
import type { ProcessGroup } from "./process-group.ts";

/** The part of the broker's attributes that bootstrap reads and sets. */
export interface BootAttributes {
  get(name: string): string | undefined;
  set(name: string, value: string | null): void;
}

/** What describes the enclosing instance, in the environment of a job of it. */
const enclosing = {
  "parent-uri": "FLUX_URI",
  "parent-kvs-namespace": "FLUX_KVS_NAMESPACE",
  "jobid-path": "FLUX_JOB_ID_PATH",
} as const;

/**
 * Set the attributes that the launcher knows: `broker.boot-method`, `instance-level`, `jobid`,
 * `jobid-path`, `parent-uri`, `parent-kvs-namespace`, `broker.mapping`, `tbon.interface-hint`
 * (wire-broker §3.1, §3.4). Returns true if the launcher is Flux.
 */
export async function setGroupAttributes(
  group: ProcessGroup,
  attributes: BootAttributes,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  attributes.set("broker.boot-method", group.method);
  const level = await group.get("flux.instance-level");
  const isUnderFlux = level !== undefined;
  attributes.set("instance-level", level ?? "0");
  attributes.set("jobid", isUnderFlux ? group.name : null);
  for (const [name, variable] of Object.entries(enclosing)) {
    attributes.set(name, (isUnderFlux ? env[variable] : undefined) ?? null);
  }
  if (attributes.get("jobid-path") === undefined) attributes.set("jobid-path", "/");
  if (isUnderFlux && attributes.get("tbon.interface-hint") === undefined) {
    const hint = await group.get("flux.tbon-interface-hint");
    if (hint !== undefined) attributes.set("tbon.interface-hint", hint);
  }
  attributes.set("broker.mapping", (await mappingOf(group, isUnderFlux)) ?? null);
  return isUnderFlux;
}

/** Where the brokers run, as a taskmap (RFC 34); undefined if nobody says. */
async function mappingOf(group: ProcessGroup, isUnderFlux: boolean): Promise<string | undefined> {
  if (group.size === 1 || group.method === "config") return `[[0,${group.size},1,1]]`;
  const taskmap = isUnderFlux ? await group.get("flux.taskmap") : undefined;
  const text = taskmap ?? (await group.get("PMI_process_mapping"));
  return text === undefined ? undefined : Taskmap.parse(text).toString();
}

/** The hostlist of brokers by rank; one host as often as it has brokers. */
export function hostlistOf(hosts: readonly string[]): string {
  return Hostlist.from(hosts).encode();
}
