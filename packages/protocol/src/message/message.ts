import type { Payload } from "./payload.ts";

/** Message types of RFC 3. */
export const MessageType = { Request: 1, Response: 2, Event: 4, Control: 8 } as const;
export type MessageType = (typeof MessageType)[keyof typeof MessageType];

/**
 * Message flags of RFC 3. TOPIC, PAYLOAD and ROUTE are not kept in `Message.flags`: they follow from
 * what the message holds, so that they can never disagree with it.
 */
export const MessageFlag = {
  Topic: 0x01,
  Payload: 0x02,
  NoResponse: 0x04,
  Route: 0x08,
  Upstream: 0x10,
  Private: 0x20,
  Streaming: 0x40,
  User1: 0x80,
} as const;

/** The flags that say how a message was sent rather than what frames it has. */
export const behaviourFlags = 0xf4;

/** Any broker that has the service (RFC 3 nodeid). */
export const nodeidAny = 0xffffffff;
/** The sender's parent: only in client APIs, on the wire it is flag UPSTREAM plus the sender's rank. */
export const nodeidUpstream = 0xfffffffe;
/** A request that wants no response, or whose response is not matched by tag. */
export const matchtagNone = 0;

export interface MessageInit {
  type: MessageType;
  flags?: number;
  userid?: number;
  rolemask?: number;
  aux1?: number;
  aux2?: number;
  topic?: string | undefined;
  routes?: string[] | undefined;
  payload?: Payload | undefined;
}

/** Userid of a message whose sender is not known yet (RFC 12). */
export const useridUnknown = 0xffffffff;

/**
 * A Flux message (RFC 3). `aux1` and `aux2` mean, by type: request nodeid and matchtag; response
 * errnum and matchtag; event sequence and 0; control type and status.
 *
 * `routes` is the route stack, oldest hop first, so that the most recent one is at the end; undefined
 * means the message has no route part. Identities are kept one character per byte.
 * A message that was handed over is never changed by the giver; payload values never at all.
 */
export class Message {
  type: MessageType;
  flags: number;
  userid: number;
  rolemask: number;
  aux1: number;
  aux2: number;
  topic: string | undefined;
  routes: string[] | undefined;
  payload: Payload | undefined;

  constructor(init: MessageInit) {
    this.type = init.type;
    this.flags = init.flags ?? 0;
    this.userid = init.userid ?? useridUnknown;
    this.rolemask = init.rolemask ?? 0;
    this.aux1 = init.aux1 ?? 0;
    this.aux2 = init.aux2 ?? 0;
    this.topic = init.topic;
    this.routes = init.routes;
    this.payload = init.payload;
  }

  get nodeid(): number {
    return this.aux1;
  }

  get errnum(): number {
    return this.aux1;
  }

  get sequence(): number {
    return this.aux1;
  }

  get matchtag(): number {
    return this.aux2;
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** Identity of the original sender: the route frame next to the delimiter (RFC 6). */
  get sender(): string | undefined {
    return this.routes?.[0];
  }

  pushRoute(identity: string): void {
    if (this.routes) this.routes.push(identity);
    else this.routes = [identity];
  }

  popRoute(): string | undefined {
    return this.routes?.pop();
  }

  /** A message with its own header and route stack that shares the payload. */
  clone(): Message {
    return new Message({ ...this, routes: this.routes?.slice() });
  }

  /** The response to this request (RFC 6): same topic, routes, matchtag and behaviour flags. */
  response(errnum: number, payload?: Payload): Message {
    return new Message({
      type: MessageType.Response,
      flags: this.flags,
      topic: this.topic,
      routes: this.routes?.slice(),
      aux1: errnum,
      aux2: this.aux2,
      payload,
    });
  }
}
