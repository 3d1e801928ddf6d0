import type { Credential } from "@flux-ts/protocol/message/credential";
import {
  Message,
  MessageFlag,
  MessageType,
  matchtagNone,
  nodeidAny,
  nodeidUpstream,
} from "@flux-ts/protocol/message/message";
import { Payload } from "@flux-ts/protocol/message/payload";
import { anyBody } from "@flux-ts/protocol/rpc/body";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { type Method, method } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { attr } from "@flux-ts/protocol/services/attr";
import { service } from "@flux-ts/protocol/services/service";
import { MessageCounter } from "./counter.ts";
import { Dispatcher, type Handler, type Handlers } from "./dispatcher.ts";
import { PendingRpcs, type ResponseSink } from "./pending-rpcs.ts";
import { RpcStream, withResolvers } from "./rpc-stream.ts";
import { type EventHandler, type Subscription, Subscriptions } from "./subscriptions.ts";
import type { Transport } from "./transport.ts";

export interface CallOptions {
  /** Broker rank, `nodeidAny` (default) or `nodeidUpstream`. */
  nodeid?: number | undefined;
  /** Fail the RPC with ETIMEDOUT when no response came for this long. */
  timeoutSeconds?: number | undefined;
  /** Abandon the RPC: it fails with ECANCELED; a late response is dropped. */
  signal?: AbortSignal | undefined;
  /** Send with this credential instead of one's own (RFC 12: needs the owner's rights). */
  credential?: Credential | undefined;
}

export interface StreamOptions extends CallOptions {
  /** How to cancel: the service's method that takes `{matchtag}`. Without one the responses are ignored. */
  cancel?: Method<{ matchtag: number }, unknown> | undefined;
}

/** The argument list of a call: the request may be left out when nothing in it is required. */
type CallArgs<Req, Options> = [Req] extends [void]
  ? [request?: undefined, options?: Options]
  : Record<never, never> extends Req
    ? [request?: Req, options?: Options]
    : [request: Req, options?: Options];

/** A running stream that delivers to callbacks. */
export interface Following {
  readonly matchtag: number;
  cancel(): void;
}

export interface FollowSink<Res> {
  next(response: Res): void;
  /** The stream is over; without an error it ended regularly (ENODATA). */
  end?(error?: FluxError): void;
}

/**
 * A connection to a Flux broker: call services, follow events, serve methods. Programs get one from
 * `connect()`; broker modules get theirs from the broker.
 */
export class Flux implements AsyncDisposable {
  readonly #transport: Transport;
  readonly #pending = new PendingRpcs();
  readonly #subscriptions: Subscriptions;
  readonly #closing = withResolvers<Error | undefined>();
  readonly #services = new Set<string>();
  #isClosed = false;
  #rank: number | undefined;
  readonly dispatcher: Dispatcher;
  /** Messages sent and received so far, by type (RFC 3 numbers). */
  readonly counters = { tx: new MessageCounter(), rx: new MessageCounter() };
  /** Sees each message first; one it returns true for goes no further. For relays and module hosts. */
  intercept: ((message: Message) => boolean) | undefined;
  /** Fires with every response that no RPC waits for: for protocols that match by content (RFC 27, 32). */
  onStrayResponse: (response: Message) => void = () => {};

  /** `rank`: the broker's rank where the maker knows it, which saves asking for it. */
  constructor(transport: Transport, options: { rank?: number } = {}) {
    this.#transport = transport;
    this.#rank = options.rank;
    this.dispatcher = new Dispatcher((message) => this.sendMessage(message));
    this.#subscriptions = new Subscriptions(this);
    transport.onMessage = (message) => this.#receive(message);
    transport.onClose = (error) => this.#onClose(error);
    transport.onReset = () => this.#onReset();
  }

  /** Resolves when the connection has ended, with the error if it was lost. */
  get closed(): Promise<Error | undefined> {
    return this.#closing.promise;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** RPCs without their final response. */
  get outstanding(): number {
    return this.#pending.size;
  }

  /** Call a method and wait for its response. Throws FluxError with the service's errno and text. */
  call<Req, Res>(method: Method<Req, Res>, ...rest: CallArgs<Req, CallOptions>): Promise<Res> {
    const [request, options = {}] = rest as [Req | undefined, CallOptions | undefined];
    return new Promise<Res>((resolve, reject) => {
      const guard = this.#guard(options, reject);
      const sink: ResponseSink = {
        onResponse(payload) {
          guard?.();
          try {
            resolve(method.response.decode(payload, method.topic));
          } catch (error) {
            reject(error);
          }
        },
        onError(error) {
          guard?.();
          reject(error);
        },
      };
      this.#request(method, request, options, 0, sink);
    });
  }

  /** Call a streaming method and iterate over its responses. */
  stream<Req, Res>(
    method: Method<Req, Res>,
    ...rest: CallArgs<Req, StreamOptions>
  ): RpcStream<Res> {
    let following: Following | undefined;
    const stream = new RpcStream<Res>(() => following?.cancel());
    following = this.follow(
      method,
      { next: (response) => stream.push(response), end: (error) => stream.finish(error) },
      ...rest,
    );
    return stream;
  }

  /** Call a streaming method and get its responses by callback, without a queue. */
  follow<Req, Res>(
    method: Method<Req, Res>,
    sink: FollowSink<Res>,
    ...rest: CallArgs<Req, StreamOptions>
  ): Following {
    const [request, options = {}] = rest as [Req | undefined, StreamOptions | undefined];
    let live = true;
    const finish = (error?: FluxError): void => {
      if (!live) return;
      live = false;
      sink.end?.(error?.code === "ENODATA" ? undefined : error);
    };
    const matchtag = this.#request(method, request, options, MessageFlag.Streaming, {
      onResponse(payload) {
        if (!live) return;
        let response: Res;
        try {
          response = method.response.decode(payload, method.topic);
        } catch (error) {
          finish(error as FluxError);
          return;
        }
        sink.next(response);
      },
      onError: finish,
    });
    const cancel = (): void => {
      if (!live) return;
      if (options.cancel) this.send(options.cancel, { matchtag }, options);
      finish();
    };
    options.signal?.addEventListener("abort", cancel, { once: true });
    return { matchtag, cancel };
  }

  /** Send a request that is not answered. */
  send<Req>(method: Method<Req, unknown>, ...rest: CallArgs<Req, CallOptions>): void {
    const [request, options = {}] = rest as [Req | undefined, CallOptions | undefined];
    const message = this.#message(method, request, options, MessageFlag.NoResponse);
    this.sendMessage(message);
  }

  /** Call a method that no declaration exists for: any JSON object in, any out. */
  rpc(topic: string, request: JsonObject = {}, options: CallOptions = {}): Promise<JsonObject> {
    return this.call(method(topic, { request: anyBody, response: anyBody }), request, options);
  }

  /** Call `handler` with each event whose topic starts with `prefix`. Resolves when subscribed. */
  subscribe(prefix: string, handler: EventHandler): Promise<Subscription> {
    return this.#subscriptions.add(prefix, handler);
  }

  /** Publish an event without waiting for its sequence number. */
  publish(topic: string, payload?: JsonObject, flags = 0): void {
    this.sendMessage(
      new Message({
        type: MessageType.Event,
        flags,
        topic,
        payload: payload && Payload.json(payload),
        routes: [],
      }),
    );
  }

  /** Serve one method. */
  serve<Req, Res>(method: Method<Req, Res>, handler: Handler<Req, Res>): void {
    this.dispatcher.serve(method, handler);
  }

  /** Serve a group of methods: `flux.serveAll(attr, { get: ..., set: ... })`. */
  serveAll<Group extends Record<string, Method<unknown, unknown>>>(
    group: Group,
    handlers: Handlers<Group>,
  ): void {
    for (const [name, declared] of Object.entries(group)) {
      this.dispatcher.serve(
        declared,
        handlers[name as keyof Group] as unknown as Handler<unknown, unknown>,
      );
    }
  }

  /** Register a service name with the broker, so that `NAME.*` requests come here. */
  async addService(name: string): Promise<void> {
    await this.call(service.add, { service: name });
    this.#services.add(name);
  }

  async removeService(name: string): Promise<void> {
    this.#services.delete(name);
    await this.call(service.remove, { service: name });
  }

  /** Rank of the broker this handle is connected to. */
  async rank(): Promise<number> {
    if (this.#rank === undefined) {
      const { value } = await this.call(attr.get, { name: "rank" });
      this.#rank = Number(value);
    }
    return this.#rank;
  }

  /** A broker attribute. Throws ENOENT if it is not set. */
  async attr(name: string): Promise<string> {
    return (await this.call(attr.get, { name })).value;
  }

  /** Send a message as it is. For relays and for protocols outside RFC 6. */
  sendMessage(message: Message): void {
    if (this.#isClosed) return;
    this.counters.tx.add(message);
    this.#transport.send(message);
  }

  close(): void {
    if (!this.#isClosed) this.#transport.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.closed;
  }

  #request<Req>(
    method: Method<Req, unknown>,
    request: Req | undefined,
    options: CallOptions,
    flags: number,
    sink: ResponseSink,
  ): number {
    if (this.#isClosed) {
      queueMicrotask(() => sink.onError(new FluxError("ECONNRESET", "the connection is closed")));
      return matchtagNone;
    }
    let message: Message;
    try {
      message = this.#message(method, request, options, flags);
    } catch (error) {
      queueMicrotask(() => sink.onError(error as FluxError));
      return matchtagNone;
    }
    message.aux2 = this.#pending.add(sink, (flags & MessageFlag.Streaming) !== 0);
    if (options.nodeid === nodeidUpstream && this.#rank === undefined) {
      void this.rank().then(
        (rank) => this.sendMessage(upstreamOf(message, rank)),
        (error: unknown) => sink.onError(error as FluxError),
      );
    } else {
      this.sendMessage(message);
    }
    return message.aux2;
  }

  #message<Req>(
    method: Method<Req, unknown>,
    request: Req | undefined,
    options: CallOptions,
    flags: number,
  ): Message {
    const message = new Message({
      type: MessageType.Request,
      flags,
      topic: method.topic,
      payload: method.request.encode((request ?? {}) as Req),
      routes: [],
      aux1: options.nodeid ?? nodeidAny,
      ...options.credential,
    });
    if (options.nodeid === nodeidUpstream && this.#rank !== undefined) {
      return upstreamOf(message, this.#rank);
    }
    return message;
  }

  /** Arms the timeout and abort signal of a call; returns what disarms them. */
  #guard(options: CallOptions, reject: (error: FluxError) => void): (() => void) | undefined {
    const { timeoutSeconds, signal } = options;
    if (timeoutSeconds === undefined && !signal) return undefined;
    const timer =
      timeoutSeconds === undefined
        ? undefined
        : setTimeout(() => reject(new FluxError("ETIMEDOUT")), timeoutSeconds * 1000);
    const abort = (): void => reject(new FluxError("ECANCELED"));
    signal?.addEventListener("abort", abort, { once: true });
    return () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
  }

  #receive(message: Message): void {
    this.counters.rx.add(message);
    if (this.intercept?.(message)) return;
    switch (message.type) {
      case MessageType.Response:
        if (!this.#pending.settle(message)) this.onStrayResponse(message);
        return;
      case MessageType.Request:
        this.dispatcher.dispatch(message);
        return;
      case MessageType.Event:
        this.#subscriptions.deliver(message);
        return;
      case MessageType.Control:
        return;
    }
  }

  /** The connection is being made again: ask for what must last, which waits until it is there. */
  #onReset(): void {
    this.#pending.failAll(new FluxError("ECONNRESET", "RPC aborted due to broker reconnect"));
    this.#subscriptions.renew();
    for (const name of this.#services) this.addService(name).catch(() => {});
  }

  #onClose(error?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pending.failAll(new FluxError("ECONNRESET", "the connection to the broker was lost"));
    this.#closing.resolve(error);
  }
}

/** RFC 3: "upstream" is a flag and the sender's own rank, which routing then avoids. */
function upstreamOf(message: Message, rank: number): Message {
  message.flags |= MessageFlag.Upstream;
  message.aux1 = rank;
  return message;
}
