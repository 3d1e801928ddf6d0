import { type Credential, isOwner, isOwnerOr, Role } from "@flux-ts/protocol/message/credential";
import { type Message, MessageFlag } from "@flux-ts/protocol/message/message";
import { Payload } from "@flux-ts/protocol/message/payload";
import type { Body } from "@flux-ts/protocol/rpc/body";
import { Errno } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";

/** A handler returns this to say that it answers (or goes on answering) through the request later. */
export const later: unique symbol = Symbol("answered later");
export type Later = typeof later;

/** A request being served: who asked, and how to answer (RFC 6). */
export class Request<Response> implements Credential {
  readonly message: Message;
  readonly #body: Body<Response>;
  readonly #send: (message: Message) => void;
  #ended = false;

  constructor(message: Message, body: Body<Response>, send: (message: Message) => void) {
    this.message = message;
    this.#body = body;
    this.#send = send;
  }

  get userid(): number {
    return this.message.userid;
  }

  get rolemask(): number {
    return this.message.rolemask;
  }

  get isOwner(): boolean {
    return isOwner(this);
  }

  /** The request did not leave the broker that this service runs on (RFC 12). */
  get isLocal(): boolean {
    return (this.rolemask & Role.Local) !== 0;
  }

  /** True for the instance owner and for the user `userid`. */
  isOwnerOr(userid: number): boolean {
    return isOwnerOr(this, userid);
  }

  /** Identity of the asking client: together with the matchtag it names this request. */
  get sender(): string {
    return this.message.sender ?? "";
  }

  get matchtag(): number {
    return this.message.matchtag;
  }

  /** The client asked for a stream of responses. */
  get isStreaming(): boolean {
    return this.message.has(MessageFlag.Streaming);
  }

  /** The client wants no response. */
  get isSilent(): boolean {
    return this.message.has(MessageFlag.NoResponse);
  }

  /** No more can be answered: a final response went out. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Answer. A streaming request can be answered again until `end` or `fail`. */
  respond(response: Response): void {
    this.respondPayload(this.#body.encode(response));
  }

  /** Answer with a payload as it is; `flags` are extra behaviour flags such as USER1. */
  respondPayload(payload: Payload | undefined, flags = 0): void {
    if (!this.isStreaming) {
      if (this.#ended) return;
      this.#ended = true;
    }
    if (this.isSilent) return;
    const response = this.message.response(0, payload);
    response.flags |= flags;
    this.#send(response);
  }

  /** End a stream regularly (RFC 6: ENODATA). */
  end(): void {
    this.#error(Errno.ENODATA);
  }

  /** Answer with an error. Anything but a FluxError is a defect here and answered as EPROTO. */
  fail(error: unknown): void {
    if (error instanceof FluxError) {
      this.#error(error.errnum, error.hasText ? error.message : undefined);
    } else {
      this.#error(
        Errno.EPROTO,
        `internal error: ${error instanceof Error ? error.message : error}`,
      );
    }
  }

  #error(errnum: number, text?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.isSilent) return;
    this.#send(this.message.response(errnum, text === undefined ? undefined : Payload.text(text)));
  }
}
