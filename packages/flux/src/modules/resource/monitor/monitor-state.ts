import { Idset } from "@flux-ts/protocol/text/idset";

/** A change to post as an event (RFC 44 online, offline, torpid, lively). */
export interface MonitorEvent {
  readonly name: "online" | "offline" | "torpid" | "lively";
  readonly ranks: Idset;
}

/** Which brokers are up, and which of them are not heard from. */
export class MonitorState {
  /** Ranks are below this. */
  readonly size: number;
  #up: Idset;
  #torpid = new Idset();
  #lost = new Idset();

  constructor(size: number, up = new Idset()) {
    this.size = size;
    this.#up = up;
  }

  get up(): Idset {
    return this.#up;
  }

  get down(): Idset {
    return this.size === 0 ? new Idset() : Idset.range(0, this.size - 1).subtract(this.#up);
  }

  get torpid(): Idset {
    return this.#torpid;
  }

  /** Ranks that were up and no longer are. Those that never came are not lost. */
  get lost(): Idset {
    return this.#lost;
  }

  /** The online group has these members now. */
  onOnline(up: Idset): MonitorEvent[] {
    const joined = up.subtract(this.#up);
    const left = this.#up.subtract(up);
    this.#up = up;
    this.#lost = this.#lost.union(left).subtract(joined);
    return events("online", joined, "offline", left);
  }

  /** The torpid group has these members now. */
  onTorpid(torpid: Idset): MonitorEvent[] {
    const joined = torpid.subtract(this.#torpid);
    const left = this.#torpid.subtract(torpid);
    this.#torpid = torpid;
    return events("torpid", joined, "lively", left);
  }
}

function events(
  join: MonitorEvent["name"],
  joined: Idset,
  leave: MonitorEvent["name"],
  left: Idset,
): MonitorEvent[] {
  const all: MonitorEvent[] = [
    { name: join, ranks: joined },
    { name: leave, ranks: left },
  ];
  return all.filter(({ ranks }) => !ranks.isEmpty);
}
