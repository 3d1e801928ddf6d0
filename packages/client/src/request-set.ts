import type { Credential } from "@flux-ts/protocol/message/credential";
import { isOwnerOr } from "@flux-ts/protocol/message/credential";
import type { Request } from "./request.ts";

/** What identifies the client of a `.cancel` or `.disconnect` request. */
export interface ClientOf extends Credential {
  readonly sender: string;
}

/**
 * Requests that stay open: streams, and RPCs whose answer waits for something. Knows how clients
 * give them up: by cancel (same sender, matchtag) and by disconnect (all of a sender).
 */
export class RequestSet<Response> implements Iterable<Request<Response>> {
  readonly #requests = new Set<Request<Response>>();
  readonly #onRemove: (request: Request<Response>) => void;

  /** `onRemove` runs for each request that leaves the set. */
  constructor(onRemove: (request: Request<Response>) => void = () => {}) {
    this.#onRemove = onRemove;
  }

  add(request: Request<Response>): void {
    this.#requests.add(request);
  }

  delete(request: Request<Response>): void {
    if (this.#requests.delete(request)) this.#onRemove(request);
  }

  get size(): number {
    return this.#requests.size;
  }

  [Symbol.iterator](): Iterator<Request<Response>> {
    return this.#requests.values();
  }

  /** Answer all of them; each stays if it is a stream. */
  respondAll(response: Response): void {
    for (const request of [...this.#requests]) {
      request.respond(response);
      if (request.ended) this.delete(request);
    }
  }

  /** End all: ENODATA, or `error`. */
  endAll(error?: unknown): void {
    for (const request of [...this.#requests]) {
      if (error === undefined) request.end();
      else request.fail(error);
      this.delete(request);
    }
  }

  /** A `.cancel` request arrived: its stream ends with ENODATA. Guests cancel only their own. */
  cancel(client: ClientOf, matchtag: number): void {
    for (const request of [...this.#requests]) {
      if (request.sender !== client.sender || request.matchtag !== matchtag) continue;
      if (!isOwnerOr(client, request.userid)) continue;
      request.end();
      this.delete(request);
    }
  }

  /** A `.disconnect` request arrived: forget what that client asked, without an answer. */
  disconnect(client: ClientOf): void {
    for (const request of [...this.#requests]) {
      if (request.sender !== client.sender) continue;
      if (isOwnerOr(client, request.userid)) this.delete(request);
    }
  }
}
