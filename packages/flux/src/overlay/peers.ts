import type { Message } from "@flux-ts/protocol/message/message";
import type { Frame } from "./peer-frames.ts";

/** What the overlay needs of its broker. */
export interface OverlayBroker {
  /** A request or response from a peer, its routes as the router wants them, or an event to publish. */
  receive(message: Message): void;
  /** A published event from the parent. */
  receiveEvent(event: Message): void;
  /** `severity` as in RFC 5424: 2 critical, 3 error, 7 debug. */
  log(severity: 2 | 3 | 7, text: string): void;
  /** The parent is lost or does not accept this broker, and why: it has to shut down. */
  parentFailed(reason: string): void;
  /** A child came or went; with 0 a broker that waits for its children has waited long enough. */
  childrenChanged(onlineCount: number): void;
}

/** What both halves of the overlay share. */
export interface PeerContext {
  readonly rank: number;
  readonly uuid: string;
  readonly broker: OverlayBroker;
  /** Seconds on a monotonic clock. */
  now(): number;
  /** Name of the host of a rank. */
  hostOf(rank: number): string;
  /** Sees every message to and from peers; -1 where the peer's rank is not known. */
  trace(prefix: "rx" | "tx", rank: number, message: Message): void;
}

/** The socket that children connect to (ZeroMQ ROUTER). The callbacks are set before it is opened. */
export interface ChildSocket {
  /** Send frames, of which the first names the peer: `identity` as text. Never blocks. */
  send(identity: string, frames: readonly Frame[]): void;
  onMessage: (frames: Uint8Array[]) => void;
  /** A peer that something was sent to is gone, or takes nothing any more. */
  onUnreachable: (identity: string) => void;
  /** Some connection was cut; which one has to be found out by sending. */
  onDisconnect: () => void;
}

/** The socket to the parent (ZeroMQ DEALER). */
export interface ParentSocket {
  send(frames: readonly Frame[]): void;
  onMessage: (frames: Uint8Array[]) => void;
  /** A connection was made; the socket goes on trying for as long as it is open. */
  onConnect: () => void;
  /** The connection was cut, or the parent takes nothing any more. */
  onDisconnect: () => void;
}
