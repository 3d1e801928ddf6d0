import { printBusinessCard } from "../../overlay/business-card.ts";
import type { ConfigHosts } from "./config-hosts.ts";
import type { ProcessGroup } from "./process-group.ts";

/** Brokers that know each other from their configuration files: nothing has to be exchanged. */
export function configGroup({ hosts, rank }: ConfigHosts): ProcessGroup {
  const pairs = new Map(
    hosts.map(({ host, connect }, index) => [
      `${index}`,
      printBusinessCard({ host, uri: connect === undefined ? [] : [connect] }),
    ]),
  );
  return {
    method: "config",
    rank,
    size: hosts.length,
    name: "config",
    get: (key) => Promise.resolve(pairs.get(key)),
    put(key, value) {
      pairs.set(key, value);
      return Promise.resolve();
    },
    barrier: () => Promise.resolve(),
    finalize: () => Promise.resolve(),
  };
}
