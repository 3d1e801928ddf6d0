import { setTimeout as delay } from "node:timers/promises";
import type { Message } from "@flux-ts/protocol/message/message";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Transport } from "./transport.ts";

export interface ReconnectPolicy {
  /** Attempts after a loss before the connection counts as closed. Default: for ever. */
  readonly tries?: number;
  /** Delay before the second attempt; it doubles up to `maxDelaySeconds`. Default 0.1. */
  readonly firstDelaySeconds?: number;
  /** Default 10. */
  readonly maxDelaySeconds?: number;
}

/** Messages kept while there is no connection; more means that the broker is gone for good. */
const maxBuffered = 100_000;

/**
 * A connection that is opened again when it is lost. The handle is told of the loss (`onReset`), so that
 * it can fail what was in flight and ask again for what must last; what it sends until the connection is
 * back waits here.
 */
export class ReconnectingTransport implements Transport {
  onMessage: (message: Message) => void = () => {};
  onClose: (error?: Error) => void = () => {};
  onReset: () => void = () => {};
  readonly #open: () => Promise<Transport>;
  readonly #policy: ReconnectPolicy;
  #current: Transport | undefined;
  #buffered: Message[] = [];
  #closing = false;

  private constructor(open: () => Promise<Transport>, policy: ReconnectPolicy) {
    this.#open = open;
    this.#policy = policy;
  }

  /** Open the first connection, which must succeed. */
  static async open(
    open: () => Promise<Transport>,
    policy: ReconnectPolicy = {},
  ): Promise<ReconnectingTransport> {
    const transport = new ReconnectingTransport(open, policy);
    transport.#use(await open());
    return transport;
  }

  send(message: Message): void {
    if (this.#current) {
      this.#current.send(message);
    } else if (this.#buffered.length < maxBuffered) {
      this.#buffered.push(message);
    } else {
      this.#end(new FluxError("ECONNRESET", "the broker is gone: too many messages wait for it"));
    }
  }

  close(): void {
    this.#closing = true;
    if (this.#current) this.#current.close();
    else this.#end();
  }

  #use(transport: Transport): void {
    this.#current = transport;
    transport.onMessage = (message) => this.onMessage(message);
    transport.onClose = (error) => this.#onLost(error);
    const waiting = this.#buffered;
    this.#buffered = [];
    for (const message of waiting) transport.send(message);
  }

  #onLost(error?: Error): void {
    this.#current = undefined;
    if (this.#closing) {
      this.onClose(error);
      return;
    }
    this.onReset();
    void this.#reopen();
  }

  async #reopen(): Promise<void> {
    const { tries = Number.POSITIVE_INFINITY, maxDelaySeconds = 10 } = this.#policy;
    let seconds = this.#policy.firstDelaySeconds ?? 0.1;
    let failure: unknown;
    for (let attempt = 1; attempt <= tries && !this.#closing; attempt++) {
      try {
        this.#use(await this.#open());
        return;
      } catch (error) {
        failure = error;
      }
      if (attempt < tries) await delay(seconds * 1000);
      seconds = Math.min(seconds * 2, maxDelaySeconds);
    }
    this.#end(failure as Error | undefined);
  }

  #end(error?: Error): void {
    this.#closing = true;
    this.#buffered = [];
    this.onClose(error);
  }
}
