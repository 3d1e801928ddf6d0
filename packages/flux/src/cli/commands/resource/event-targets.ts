import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import { CommandError } from "../../usage-error.ts";

/** Which events concern the ranks or hosts that a person asked for. */
export class EventTargets {
  readonly #ranks: Idset;
  readonly #hosts: ReadonlySet<string>;
  /** Ranks were given: then hosts do not count, for there may be several brokers on each. */
  readonly #byRank: boolean;

  /** `hostlist`: the instance's hosts by rank. */
  constructor(targets: string, hostlist: string) {
    const all = [...Hostlist.parse(hostlist)];
    const ranks = attempt(() => Idset.parse(targets));
    this.#byRank = ranks !== undefined;
    if (ranks) {
      this.#ranks = ranks;
      this.#hosts = new Set([...ranks].flatMap((rank) => all[rank] ?? []));
      return;
    }
    const hosts = attempt(() => Hostlist.parse(targets));
    if (!hosts) throw new CommandError(`invalid targets ${targets}`);
    this.#hosts = new Set(hosts);
    this.#ranks = Idset.from([...hosts].map((host) => rankOf(host, all)));
  }

  matches({ context = {} }: EventlogEntry): boolean {
    const { ranks, idset = ranks, nodelist } = context;
    const named = ranks ?? idset;
    const isRank = typeof named === "string" && !Idset.parse(named).intersect(this.#ranks).isEmpty;
    if (this.#byRank) return isRank;
    const isHost =
      typeof nodelist === "string" &&
      [...Hostlist.parse(nodelist)].some((host) => this.#hosts.has(host));
    return isHost || isRank;
  }
}

function rankOf(host: string, all: readonly string[]): number {
  const rank = all.indexOf(host);
  if (rank < 0) throw new CommandError(`${host}: No such file or directory`);
  return rank;
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined; // the text is of another kind
  }
}
