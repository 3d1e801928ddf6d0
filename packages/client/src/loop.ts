import type { Message } from "@flux-ts/protocol/message/message";
import type { Transport } from "./transport.ts";

/** Microtask rounds after which a loop lets the event loop turn, so that chatter cannot starve I/O. */
const maxRounds = 64;

/**
 * One end of an in-process pair. Messages are handed over by reference, never within the call that
 * sends them: the receiver runs when the sender's turn is over.
 */
class LoopEnd implements Transport {
  onMessage: (message: Message) => void = () => {};
  onClose: (error?: Error) => void = () => {};
  peer: LoopEnd | undefined;
  #inbox: Message[] = [];
  #scheduled = false;
  #rounds = 0;

  send(message: Message): void {
    this.peer?.deliver(message);
  }

  deliver(message: Message): void {
    this.#inbox.push(message);
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (++this.#rounds < maxRounds) {
      queueMicrotask(this.#flush);
    } else {
      this.#rounds = 0;
      setImmediate(this.#flush);
    }
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    const batch = this.#inbox;
    this.#inbox = [];
    for (const message of batch) this.onMessage(message);
  };

  /** Messages waiting to be taken. */
  get backlog(): number {
    return this.#inbox.length;
  }

  close(): void {
    const { peer } = this;
    if (!peer) return;
    this.peer = undefined;
    peer.peer = undefined;
    queueMicrotask(() => {
      // What was sent before may wait for the event loop to turn.
      peer.#flush();
      peer.onClose();
      this.onClose();
    });
  }
}

/** Two transports joined back to back: what one sends, the other receives. */
export function loopPair(): [Transport & { readonly backlog: number }, Transport] {
  const a = new LoopEnd();
  const b = new LoopEnd();
  a.peer = b;
  b.peer = a;
  return [a, b];
}
