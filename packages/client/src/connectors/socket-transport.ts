import type { Socket } from "node:net";
import type { Message } from "@flux-ts/protocol/message/message";
import { encodeStream, StreamDecoder } from "@flux-ts/protocol/message/stream";
import type { Transport } from "../transport.ts";

/**
 * Messages over a stream socket in RFC 3 stream framing. What is sent in one turn of the event loop
 * goes out in one write.
 */
export class SocketTransport implements Transport {
  onMessage: (message: Message) => void = () => {};
  onClose: (error?: Error) => void = () => {};
  readonly #socket: Socket;
  readonly #decoder: StreamDecoder;
  #outbox: Uint8Array[] = [];
  #error: Error | undefined;

  constructor(socket: Socket, options: { maxMessageBytes?: number } = {}) {
    this.#socket = socket;
    this.#decoder = new StreamDecoder(options.maxMessageBytes);
    socket.on("data", (chunk: Uint8Array) => this.#onData(chunk));
    socket.on("error", (error) => {
      this.#error = error;
    });
    socket.on("close", () => this.onClose(this.#error));
    socket.on("end", () => socket.end());
  }

  send(message: Message): void {
    this.#outbox.push(encodeStream(message));
    if (this.#outbox.length === 1) queueMicrotask(this.#flush);
  }

  /** Bytes that the peer has not taken yet. */
  get backlogBytes(): number {
    return this.#socket.writableLength;
  }

  close(): void {
    this.#flush();
    this.#socket.end();
  }

  /** Cut the connection: the peer broke the protocol, or there is nobody left to be polite to. */
  destroy(error?: Error): void {
    this.#error ??= error;
    this.#socket.destroy();
  }

  readonly #flush = (): void => {
    const batch = this.#outbox;
    if (batch.length === 0) return;
    this.#outbox = [];
    if (!this.#socket.writable) return;
    this.#socket.write(batch.length === 1 ? batch[0]! : Buffer.concat(batch));
  };

  #onData(chunk: Uint8Array): void {
    try {
      for (const message of this.#decoder.feed(chunk)) this.onMessage(message);
    } catch (error) {
      this.destroy(error as Error);
    }
  }
}
