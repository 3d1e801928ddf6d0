import { type Message, MessageFlag } from "@flux-ts/protocol/message/message";
import type { Payload } from "@flux-ts/protocol/message/payload";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { MatchtagPool } from "@flux-ts/protocol/rpc/matchtag";

/** Who waits for the responses of one RPC. */
export interface ResponseSink {
  onResponse(payload: Payload | undefined, message: Message): void;
  /** The RPC is over: regularly for a stream (ENODATA), or with the service's error. */
  onError(error: FluxError): void;
}

interface Pending {
  readonly sink: ResponseSink;
  readonly streaming: boolean;
}

/** RPCs in flight, by matchtag (RFC 6). */
export class PendingRpcs {
  readonly #tags = new MatchtagPool();
  readonly #pending = new Map<number, Pending>();

  /** Register an RPC and give it its matchtag. EAGAIN when all tags are in use. */
  add(sink: ResponseSink, streaming: boolean): number {
    const tag = this.#tags.alloc();
    if (tag === undefined) throw new FluxError("EAGAIN", "too many RPCs are in flight");
    this.#pending.set(tag, { sink, streaming });
    return tag;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** A response arrived. False if nobody waits for it. */
  settle(response: Message): boolean {
    const tag = response.matchtag;
    const pending = this.#pending.get(tag);
    if (!pending) return false;
    const failed = response.errnum !== 0;
    // A service that answers a streaming request without the flag ends it (RFC 6).
    if (failed || !pending.streaming || !response.has(MessageFlag.Streaming)) {
      this.#pending.delete(tag);
      this.#tags.release(tag);
    }
    if (failed) pending.sink.onError(errorOf(response));
    else pending.sink.onResponse(response.payload, response);
    return true;
  }

  /** Fail everything in flight: the connection is gone. */
  failAll(error: FluxError): void {
    const all = [...this.#pending.entries()];
    this.#pending.clear();
    for (const [tag, { sink }] of all) {
      this.#tags.release(tag);
      sink.onError(error);
    }
  }
}

/** The error in an error response: errnum, and the error string if it carries one. */
export function errorOf(response: Message): FluxError {
  let text: string | undefined;
  try {
    text = response.payload?.text;
  } catch {
    // An error response whose payload is no string still says its errnum.
  }
  return new FluxError(response.errnum, text);
}
