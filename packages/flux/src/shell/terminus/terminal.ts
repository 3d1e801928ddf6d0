import type { Request } from "@flux-ts/client/request";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { terminalRequest } from "@flux-ts/protocol/services/terminus";
import { decodeBase64, encodeBase64 } from "@flux-ts/protocol/text/base64";
import { textOf } from "@flux-ts/protocol/text/utf8";
import { FdReader } from "../../native/fd-reader.ts";
import { FdWriter } from "../../native/fd-writer.ts";
import { duplicateFd } from "../../native/pipe.ts";
import { openPty, setWindowSize, type WindowSize } from "../../native/pty.ts";

/** Input that a terminal's program has not read yet. */
const inputLimitBytes = 1_048_576;
const defaultSize: WindowSize = { rows: 25, cols: 80 };

type TerminalClient = Request<JsonObject>;

interface Attached {
  readonly request: TerminalClient;
  readonly reads: boolean;
  readonly writes: boolean;
}

export interface TerminalEvents {
  /** What the terminal shows. */
  onData?(data: Uint8Array): void;
  /** Nothing has it open any more. */
  onClosed?(): void;
  /** It is closed, its program has ended, and nobody is waited for. */
  onComplete(): void;
}

/** A pseudo-terminal with clients that look at it and type (wire-broker §5.11). */
export class Terminal {
  /** The device, for the program to open. */
  readonly path: string;
  readonly #events: TerminalEvents;
  readonly #reader: FdReader;
  readonly #writer: FdWriter;
  readonly #clients = new Map<string, Attached>();
  #isMonitored = false;
  /** It is kept until somebody has seen it. */
  waitsForClient = false;
  #isClosed = false;
  #status: number | undefined;

  /** Throws the FluxError of openpt(3). */
  constructor(events: TerminalEvents) {
    this.#events = events;
    const { master, path } = openPty(defaultSize);
    this.path = path;
    this.#writer = new FdWriter(duplicateFd(master), { limitBytes: inputLimitBytes });
    this.#reader = new FdReader(master, {
      onData: (data) => this.#onData(data),
      onEnd: () => this.#onClosed(),
    });
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  /** Read what it shows even without a client. */
  monitor(): void {
    this.#isMonitored = true;
    if (!this.waitsForClient) this.#reader.resume();
  }

  /** Its program has ended. One that was killed need not be looked at. */
  onExit(status: number): void {
    this.#status = status;
    if ((status & 0x7f) !== 0) this.waitsForClient = false;
    // Nobody reads it yet, so its end would not be seen either.
    if (!this.waitsForClient) this.#reader.resume();
    this.#checkComplete();
  }

  /** Serve a request to this terminal. Throws EEXIST, ENOENT, EPROTO, ENOSYS. */
  onRequest(args: JsonObject, request: TerminalClient): void {
    const { type } = terminalRequest.type.check(args, "terminus");
    const client = this.#clients.get(request.sender);
    if (type === "attach") {
      if (client) throw new FluxError("EEXIST");
      this.#attach(args, request);
      return;
    }
    if (!client) throw new FluxError("ENOENT");
    this.#serve(type, args, client);
    request.respond({});
  }

  /** A client is gone. */
  disconnect(sender: string): void {
    this.#detach(sender);
  }

  /** Let go of everything, telling clients; of a program that has not ended there is no status. */
  close(): void {
    const status = this.#status;
    for (const { request } of this.#clients.values()) {
      if (status === undefined) {
        request.fail(new FluxError("ECONNRESET", "the terminal is gone"));
        continue;
      }
      request.respond({ type: "exit", message: "session exiting", status });
      request.end();
    }
    this.#clients.clear();
    this.#writer.close();
    this.#reader.close();
  }

  #attach(args: JsonObject, request: TerminalClient): void {
    const { mode, winsize } = terminalRequest.attach.check(args, "terminus.attach");
    if (!["rw", "ro", "wo"].includes(mode)) throw new FluxError("EPROTO", `invalid mode: ${mode}`);
    const reads = mode !== "wo";
    const writes = mode !== "ro";
    if (reads && writes && winsize) this.#resize(winsize);
    this.#clients.set(request.sender, { request, reads, writes });
    request.respond({ type: "attach" });
    if (!reads) return;
    this.waitsForClient = false;
    this.#reader.resume();
    this.#checkComplete();
  }

  #serve(type: string, args: JsonObject, { request, writes }: Attached): void {
    switch (type) {
      case "resize":
        this.#resize(terminalRequest.resize.check(args, "terminus.resize").winsize);
        break;
      case "data": {
        const { data, encoding } = terminalRequest.data.check(args, "terminus.data");
        const bytes = bytesOf(data, encoding);
        if (writes && bytes.length > 0) this.#writer.write(bytes);
        break;
      }
      case "detach":
        this.#detach(request.sender);
        break;
      default:
        throw new FluxError("ENOSYS", `unhandled message type=${type}`);
    }
  }

  #resize(size: WindowSize): void {
    if (size.rows <= 0 || size.cols <= 0) throw new FluxError("EINVAL", "bad window size");
    if (!this.#reader.ended) setWindowSize(this.#reader.fd, size);
  }

  #detach(sender: string): void {
    const client = this.#clients.get(sender);
    if (!client) return;
    this.#clients.delete(sender);
    client.request.respond({ type: "exit", message: "Client requested detach", status: 0 });
    client.request.end();
    const isWatched = this.#isMonitored || this.#clients.size > 0 || this.#status !== undefined;
    if (!isWatched) this.#reader.pause();
  }

  #onData(data: Uint8Array): void {
    this.#events.onData?.(data);
    const response = dataResponse(data);
    for (const { request, reads } of this.#clients.values()) {
      if (reads) request.respond(response);
    }
  }

  #onClosed(): void {
    this.#isClosed = true;
    this.#events.onClosed?.();
    this.#checkComplete();
  }

  #checkComplete(): void {
    if (this.waitsForClient || !this.#isClosed || this.#status === undefined) return;
    this.close();
    this.#events.onComplete();
  }
}

function dataResponse(data: Uint8Array): JsonObject {
  const text = textOf(data);
  // Peers cannot read a NUL in a string.
  if (text !== undefined && !text.includes("\0")) return { type: "data", data: text };
  return { type: "data", data: encodeBase64(data), encoding: "base64" };
}

function bytesOf(data: string, encoding: string | undefined): Uint8Array {
  if (encoding === undefined) return new TextEncoder().encode(data);
  if (encoding === "base64") return decodeBase64(data);
  throw new FluxError("EPROTO", `invalid pty data encoding: ${encoding}`);
}
