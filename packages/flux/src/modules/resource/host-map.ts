import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import type { Idset } from "@flux-ts/protocol/text/idset";

/** Which broker rank runs on which host: the instance's `hostlist` attribute. */
export class HostMap {
  readonly #hosts: readonly string[];
  readonly #firstRanks = new Map<string, number>();

  /** `hosts`: by rank. A host with several brokers is there several times. */
  constructor(hosts: readonly string[]) {
    this.#hosts = hosts;
    for (const [rank, host] of hosts.entries()) {
      if (!this.#firstRanks.has(host)) this.#firstRanks.set(host, rank);
    }
  }

  static parse(hostlist: string): HostMap {
    return new HostMap([...Hostlist.parse(hostlist)]);
  }

  get size(): number {
    return this.#hosts.length;
  }

  hostOf(rank: number): string | undefined {
    return this.#hosts[rank];
  }

  /** The first rank on a host. */
  rankOf(host: string): number | undefined {
    return this.#firstRanks.get(host);
  }

  /** Hostlist text (RFC 29) of ranks. Throws ENOENT for one that is no broker's. */
  encode(ranks: Idset): string {
    const hosts: string[] = [];
    for (const rank of ranks) {
      const host = this.#hosts[rank];
      if (host === undefined) throw new FluxError("ENOENT", `rank ${rank} is not in host map`);
      hosts.push(host);
    }
    return Hostlist.from(hosts).encode();
  }
}
