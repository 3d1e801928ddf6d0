import { Role } from "../message/credential.ts";
import type { ObjectOf, Shape } from "../schema/schema.ts";
import { type Body, emptyBody, shapeBody } from "./body.ts";

/**
 * - `no`: one response.
 * - `required`: the request must carry the STREAMING flag (else EPROTO); ends with an error response.
 * - `optional`: either.
 */
export type Streaming = "no" | "required" | "optional";

/**
 * An RPC method (RFC 6), declared once: the server's role check, schema check and dispatch, the typed
 * client call, the reference and the fuzzer all derive from this.
 */
export interface Method<Request, Response> {
  readonly topic: string;
  /** Roles besides the owner that may call it: 0 is the owner alone. */
  readonly roles: number;
  readonly streaming: Streaming;
  /** Sent with NORESPONSE and never answered. */
  readonly noResponse: boolean;
  readonly request: Body<Request>;
  readonly response: Body<Response>;
}

export type RequestOf<M> = M extends Method<infer Request, infer _Response> ? Request : never;
export type ResponseOf<M> = M extends Method<infer _Request, infer Response> ? Response : never;

type Part = Shape | Body<unknown>;
/** No part given means no payload: `void` on both sides. */
type PartType<P> = P extends undefined
  ? void
  : P extends Body<infer T>
    ? T
    : P extends Shape
      ? ObjectOf<P>
      : never;

interface MethodSpec<Req, Res> {
  /** Default: the owner alone. */
  roles?: number;
  streaming?: Streaming;
  noResponse?: boolean;
  /** A shape, or a body such as `rawBody`. Default: no payload. */
  request?: Req;
  response?: Res;
}

function bodyOf(part: Part | undefined): Body<unknown> {
  if (!part) return emptyBody as Body<unknown>;
  return typeof part.encode === "function" ? (part as Body<unknown>) : shapeBody(part as Shape);
}

/** Declare a method: `method("attr.get", { roles: Role.All, request: { name: t.string }, ... })`. */
export function method<
  Req extends Part | undefined = undefined,
  Res extends Part | undefined = undefined,
>(topic: string, spec: MethodSpec<Req, Res>): Method<PartType<Req>, PartType<Res>> {
  return {
    topic,
    roles: spec.roles ?? Role.None,
    streaming: spec.streaming ?? "no",
    noResponse: spec.noResponse ?? false,
    request: bodyOf(spec.request) as Body<PartType<Req>>,
    response: bodyOf(spec.response) as Body<PartType<Res>>,
  };
}

/** A method under another service name: shells and modules serve the same declarations. */
export function renamed<Request, Response>(
  declared: Method<Request, Response>,
  topic: string,
): Method<Request, Response> {
  return { ...declared, topic };
}
