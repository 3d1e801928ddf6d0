import { type Message, MessageFlag, matchtagNone } from "@flux-ts/protocol/message/message";
import { FluxError } from "@flux-ts/protocol/rpc/error";

/** RPCs that may be under way through one peer; more would be a leak somewhere. */
const maxTracked = 1_000_000;

/**
 * The RPCs that were sent to one peer and have not ended, so that their callers can be told when the
 * peer is lost. An RPC is known by its sender and matchtag; those without a matchtag are not tracked.
 */
export class RpcTracker {
  #bySender = new Map<string, Map<number, Message>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** A request went to the peer. EAGAIN if too many are under way. */
  onRequest(request: Message): void {
    const sender = request.sender ?? "";
    const tag = request.matchtag;
    if (tag === matchtagNone || request.has(MessageFlag.NoResponse)) {
      if (request.topic?.endsWith(".disconnect")) this.#forget(sender);
      return;
    }
    if (this.#size >= maxTracked) throw new FluxError("EAGAIN", "too many RPCs are under way");
    let tags = this.#bySender.get(sender);
    if (!tags) {
      tags = new Map();
      this.#bySender.set(sender, tags);
    }
    if (!tags.has(tag)) this.#size++;
    tags.set(tag, request);
  }

  /** A response came from the peer; the last one of an RPC ends it. */
  onResponse(response: Message): void {
    if (response.has(MessageFlag.Streaming) && response.errnum === 0) return;
    const sender = response.sender ?? "";
    const tags = this.#bySender.get(sender);
    if (!tags?.delete(response.matchtag)) return;
    this.#size--;
    if (tags.size === 0) this.#bySender.delete(sender);
  }

  /** All that is under way, oldest first; nothing is any more. */
  takeAll(): Message[] {
    const all = [...this.#bySender.values()].flatMap((tags) => [...tags.values()]);
    this.#bySender = new Map();
    this.#size = 0;
    return all;
  }

  /** The sender went away, and with it whoever waited for responses. */
  #forget(sender: string): void {
    const tags = this.#bySender.get(sender);
    if (!tags) return;
    this.#size -= tags.size;
    this.#bySender.delete(sender);
  }
}
