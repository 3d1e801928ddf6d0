import type { MessagePort } from "node:worker_threads";
import type { Transport } from "@flux-ts/client/transport";
import type { Message } from "@flux-ts/protocol/message/message";
import { encodeStream, StreamDecoder } from "@flux-ts/protocol/message/stream";

/**
 * Messages between threads. What is sent in one turn is packed into one buffer that changes hands:
 * a hop costs a wake-up of the other thread, so the batch is what makes it cheap.
 */
export class PortTransport implements Transport {
  onMessage: (message: Message) => void = () => {};
  onClose: (error?: Error) => void = () => {};
  readonly #port: MessagePort;
  #outbox: Uint8Array[] = [];
  #bytes = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", (packed: ArrayBuffer) => this.#receive(packed));
    port.on("close", () => this.onClose());
  }

  send(message: Message): void {
    const bytes = encodeStream(message);
    this.#bytes += bytes.length;
    if (this.#outbox.push(bytes) === 1) setImmediate(this.#flush);
  }

  /** Messages not yet handed over. */
  get backlog(): number {
    return this.#outbox.length;
  }

  close(): void {
    this.#flush();
    this.#port.close();
  }

  readonly #flush = (): void => {
    if (this.#outbox.length === 0) return;
    const packed = new Uint8Array(this.#bytes);
    let at = 0;
    for (const bytes of this.#outbox) {
      packed.set(bytes, at);
      at += bytes.length;
    }
    this.#outbox = [];
    this.#bytes = 0;
    this.#port.postMessage(packed.buffer, [packed.buffer]);
  };

  #receive(packed: ArrayBuffer): void {
    const decoder = new StreamDecoder(packed.byteLength);
    for (const message of decoder.feed(new Uint8Array(packed))) this.onMessage(message);
  }
}
