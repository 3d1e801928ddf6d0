import type { Message } from "@flux-ts/protocol/message/message";

/**
 * What a connector provides: an ordered, reliable exchange of messages with one router.
 * The handle sets the two callbacks before the first turn of the event loop.
 */
export interface Transport {
  send(message: Message): void;
  /** Called with each message, in order. */
  onMessage: (message: Message) => void;
  /** Called once when the other side is gone; `error` unless that was asked for. */
  onClose: (error?: Error) => void;
  /** The connection was lost and is being made again: what was in flight has no answer. */
  onReset?: () => void;
  /** End the exchange after what was sent has gone out. */
  close(): void;
}
