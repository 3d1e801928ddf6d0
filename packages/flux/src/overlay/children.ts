import type { Frame } from "./peer-frames.ts";
import { RpcTracker } from "./rpc-tracker.ts";
import { isOnline, SubtreeStatus } from "./subtree-status.ts";

/** What a broker knows of one of its children. Times are seconds on any monotonic clock. */
export interface Child {
  readonly rank: number;
  /** Brokers below it. */
  readonly descendants: number;
  /** Identity of its connection; empty before the first hello. */
  uuid: string;
  /** `uuid` as a frame. */
  identity: Frame;
  status: SubtreeStatus;
  statusSince: number;
  /** When its last message came; 0 before the first. */
  lastSeen: number;
  isTorpid: boolean;
  /** Why it is not online. */
  error: string;
  readonly tracker: RpcTracker;
}

/** The children of a broker: by rank, and the online ones by uuid. */
export class Children implements Iterable<Child> {
  readonly #byRank = new Map<number, Child>();
  readonly #online = new Map<string, Child>();

  constructor(ranks: Iterable<readonly [rank: number, descendants: number]>, now: number) {
    for (const [rank, descendants] of ranks) {
      this.#byRank.set(rank, {
        rank,
        descendants,
        uuid: "",
        identity: "",
        status: SubtreeStatus.Offline,
        statusSince: now,
        lastSeen: 0,
        isTorpid: false,
        error: "",
        tracker: new RpcTracker(),
      });
    }
  }

  [Symbol.iterator](): Iterator<Child> {
    return this.#byRank.values();
  }

  get size(): number {
    return this.#byRank.size;
  }

  get online(): Iterable<Child> {
    return this.#online.values();
  }

  get onlineCount(): number {
    return this.#online.size;
  }

  get trackedCount(): number {
    let count = 0;
    for (const child of this) count += child.tracker.size;
    return count;
  }

  byRank(rank: number): Child | undefined {
    return this.#byRank.get(rank);
  }

  /** The online child with this identity. */
  byUuid(uuid: string): Child | undefined {
    return this.#online.get(uuid);
  }

  /** A child that is not online said hello: from now on this is its identity. */
  identify(child: Child, uuid: string, identity: Frame, now: number): void {
    child.uuid = uuid;
    child.identity = identity;
    child.lastSeen = now;
    child.isTorpid = false;
  }

  /**
   * Set the status of a child; false if it has it already. `reason` says why it is not online.
   */
  setStatus(child: Child, status: SubtreeStatus, now: number, reason = ""): boolean {
    child.error = reason;
    if (child.status === status) return false;
    child.status = status;
    child.statusSince = now;
    if (isOnline(status)) this.#online.set(child.uuid, child);
    else this.#online.delete(child.uuid);
    return true;
  }
}
