import { isAllowed } from "@flux-ts/protocol/message/credential";
import { type Message, MessageFlag } from "@flux-ts/protocol/message/message";
import { errnoText } from "@flux-ts/protocol/rpc/errno";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import type { Method } from "@flux-ts/protocol/rpc/method";
import { type Later, later, Request } from "./request.ts";

/**
 * Serves a method: gets the checked request, returns the response (or a promise of it), or `later`
 * when it answers through `request`. Handlers of streaming methods return `later` too.
 */
export type Handler<Req, Res> = (
  args: Req,
  request: Request<Res>,
) => Res | Later | Promise<Res | Later>;

/** Handlers for a group of methods: a missing or misspelled one does not compile. */
export type Handlers<Group> = {
  [K in keyof Group]: Group[K] extends Method<infer Req, infer Res> ? Handler<Req, Res> : never;
};

type AnyHandler = Handler<unknown, unknown>;
interface Entry {
  readonly method: Method<unknown, unknown>;
  readonly handler: AnyHandler;
}

/** Finds the handler of a request, after the checks that come first: role, then streaming, then schema. */
export class Dispatcher {
  readonly #entries = new Map<string, Entry>();
  readonly #send: (message: Message) => void;
  #held: Message[] | undefined;
  #maxHeld = 0;
  /** Told of errors that are defects of a handler rather than answers. */
  onDefect: (error: unknown, topic: string) => void = () => {};

  constructor(send: (message: Message) => void) {
    this.#send = send;
  }

  /** Serve `method` with `handler`; a later registration of the same topic replaces the earlier. */
  serve<Req, Res>(method: Method<Req, Res>, handler: Handler<Req, Res>): void {
    this.#entries.set(method.topic, { method, handler } as unknown as Entry);
  }

  unserve(topic: string): void {
    this.#entries.delete(topic);
  }

  has(topic: string): boolean {
    return this.#entries.has(topic);
  }

  get topics(): Iterable<string> {
    return this.#entries.keys();
  }

  /** Keep requests, up to `limit` of them, until `resume`. More are refused with EAGAIN. */
  pause(limit: number): void {
    this.#held = [];
    this.#maxHeld = limit;
  }

  /** Serve the requests kept since `pause`, and go on. */
  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const message of held) this.dispatch(message);
  }

  dispatch(message: Message): void {
    if (this.#held) this.#hold(message, this.#held);
    else this.#dispatch(message);
  }

  #hold(message: Message, held: Message[]): void {
    if (held.length < this.#maxHeld) held.push(message);
    else
      this.#refuse(
        message,
        new FluxError("EAGAIN", "the service is starting: too many requests wait"),
      );
  }

  #dispatch(message: Message): void {
    const topic = message.topic ?? "";
    const entry = this.#entries.get(topic);
    if (!entry) {
      // A disconnect is a courtesy that nobody has to care for.
      if (message.has(MessageFlag.NoResponse)) return;
      this.#refuse(message, new FluxError("ENOSYS", `Unknown service method '${topic}'`));
      return;
    }
    const { method, handler } = entry;
    if (!isAllowed(message, method.roles)) {
      const text =
        method.roles <= 1
          ? "Request requires owner credentials"
          : "Request rejected due to insufficient privilege";
      this.#refuse(message, new FluxError("EPERM", text));
      return;
    }
    const request = new Request(message, method.response, this.#send);
    try {
      if (method.streaming === "required" && !request.isStreaming) {
        throw new FluxError("EPROTO", `Protocol error: ${topic} wants a streaming request`);
      }
      const args = decodeRequest(method, message);
      this.#settle(handler(args, request), request, topic);
    } catch (error) {
      this.#fail(error, request, topic);
    }
  }

  #settle(result: unknown, request: Request<unknown>, topic: string): void {
    if (result instanceof Promise) {
      result.then(
        (value) => this.#answer(value, request),
        (error: unknown) => this.#fail(error, request, topic),
      );
    } else {
      this.#answer(result, request);
    }
  }

  #answer(value: unknown, request: Request<unknown>): void {
    if (value !== later && !request.ended) request.respond(value);
  }

  #fail(error: unknown, request: Request<unknown>, topic: string): void {
    if (!(error instanceof FluxError)) this.onDefect(error, topic);
    request.fail(error);
  }

  #refuse(message: Message, error: FluxError): void {
    if (message.has(MessageFlag.NoResponse)) return;
    const request = new Request<unknown>(
      message,
      { encode: () => undefined, decode: () => undefined },
      this.#send,
    );
    request.fail(error);
  }
}

/** The checked request. What is wrong with it goes behind the errno's own text, which scripts look for. */
function decodeRequest(method: Method<unknown, unknown>, message: Message): unknown {
  try {
    return method.request.decode(message.payload, method.topic);
  } catch (error) {
    if (!isErrno(error, "EPROTO")) throw error;
    throw new FluxError("EPROTO", `${errnoText(error.errnum)}: ${error.message}`, { cause: error });
  }
}
