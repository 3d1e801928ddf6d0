import type { BrokerCore } from "./core.ts";
import type { Uplink } from "./uplink.ts";

/** The overlay as the life of a broker needs it. */
export interface Network {
  readonly uplink: Uplink;
  /** Join the overlay: bind for the children, say hello to the parent, serve `overlay.*`. */
  start(core: BrokerCore, events: NetworkEvents): Promise<void>;
  /** Children that are still connected. */
  readonly childCount: number;
  /** Tell the parent that this broker leaves, and wait until it knows. */
  goodbye(): Promise<void>;
  close(): Promise<void>;
}

export interface NetworkEvents {
  /** The parent is gone, or refused us: with what there is to say about it. */
  onParentFail(reason: string): void;
  /** The last connected child has left. */
  onChildrenGone(): void;
}
