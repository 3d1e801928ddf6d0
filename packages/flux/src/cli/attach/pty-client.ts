import type { Flux } from "@flux-ts/client/handle";
import { anyBody } from "@flux-ts/protocol/rpc/body";
import { method } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { decodeBase64, encodeBase64 } from "@flux-ts/protocol/text/base64";
import { textOf } from "@flux-ts/protocol/text/utf8";
import type { Input, Output } from "../output/output.ts";
import type { System } from "../system.ts";

const keepaliveMs = 1000;

interface Surroundings {
  readonly stdin: Input;
  readonly out: Output;
  readonly system: System;
}

export interface PtyExit {
  /** The terminal was attached before this. */
  readonly wasAttached: boolean;
  /** Status that the remote terminal ended with. */
  readonly status: number;
}

/** This terminal in the place of one that a job shell serves (wire-broker §5.11). */
export class PtyClient {
  readonly #flux: Flux;
  readonly #nodeid: number;
  readonly #methods;
  readonly #near: Surroundings;
  #isAttached = false;
  #stop: (() => void) | undefined;

  constructor(flux: Flux, service: string, nodeid: number, near: Surroundings) {
    this.#flux = flux;
    this.#nodeid = nodeid;
    this.#near = near;
    this.#methods = {
      request: method(service, { request: anyBody }),
      attach: method(service, { streaming: "required", request: anyBody, response: anyBody }),
    };
  }

  get isAttached(): boolean {
    return this.#isAttached;
  }

  /** Attach; resolves when the remote terminal or the connection to it is gone. */
  async run(): Promise<PtyExit> {
    let status = 0;
    const request = { type: "attach", mode: "rw", winsize: this.#winsize() };
    try {
      for await (const message of this.#flux.stream(this.#methods.attach, request, {
        nodeid: this.#nodeid,
      })) {
        if (message.type === "attach") this.#onAttached();
        else if (message.type === "data") this.#near.out.write(dataOf(message));
        else if (message.type === "exit") status = Number(message.status ?? 0);
      }
    } catch {
      // No terminal there (any more): the caller falls back to the output log.
    } finally {
      this.#stop?.();
    }
    return { wasAttached: this.#isAttached, status };
  }

  #onAttached(): void {
    this.#isAttached = true;
    const { stdin, system } = this.#near;
    const restore = stdin.setRaw();
    const following = stdin.follow((chunk) => {
      if (chunk) this.#send({ type: "data", ...encoded(chunk) });
    });
    const ignoreResize = system.onSignal(["SIGWINCH"], () =>
      this.#send({ type: "resize", winsize: this.#winsize() }),
    );
    const keepalive = setInterval(() => this.#send({ type: "data", data: "" }), keepaliveMs);
    keepalive.unref();
    this.#stop = () => {
      clearInterval(keepalive);
      ignoreResize();
      following.stop();
      restore();
    };
  }

  #send(request: JsonObject): void {
    this.#flux.call(this.#methods.request, request, { nodeid: this.#nodeid }).catch(() => {
      // The stream tells how it ended.
    });
  }

  #winsize(): { rows: number; cols: number } {
    return { rows: this.#near.out.rows, cols: this.#near.out.columns };
  }
}

function dataOf({ data, encoding }: JsonObject): string | Uint8Array {
  const text = typeof data === "string" ? data : "";
  return encoding === "base64" ? decodeBase64(text) : text;
}

function encoded(chunk: Uint8Array): JsonObject {
  const text = textOf(chunk);
  return text === undefined ? { data: encodeBase64(chunk), encoding: "base64" } : { data: text };
}
