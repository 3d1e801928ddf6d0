import { isOwner, Role } from "@flux-ts/protocol/message/credential";
import { Message, MessageType, nodeidAny } from "@flux-ts/protocol/message/message";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { RequestOf } from "@flux-ts/protocol/rpc/method";
import { overlay } from "@flux-ts/protocol/services/overlay";

// The handshake of a child with its parent (wire-broker §2.3), and the goodbye that ends it.

export type Hello = RequestOf<typeof overlay.hello>;

/** Longest uuid that flux-core holds. */
const maxUuid = 36;

/** `0.88.0` as hello carries it: one byte for each of major, minor and patch. Suffixes do not count. */
export function versionNumber(version: string): number {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map((part) => Number(part) || 0);
  return (major << 16) | (minor << 8) | patch;
}

function versionText(version: number): string {
  return `${(version >> 16) & 0xff}.${(version >> 8) & 0xff}.${version & 0xff}`;
}

/** The first message of a child. It asks for nothing but to be known, hence without a matchtag. */
export function helloRequest(hello: Hello): Message {
  return new Message({
    type: MessageType.Request,
    topic: overlay.hello.topic,
    rolemask: Role.Owner,
    aux1: nodeidAny,
    routes: [],
    payload: overlay.hello.request.encode(hello),
  });
}

export function goodbyeRequest(): Message {
  return new Message({
    type: MessageType.Request,
    topic: overlay.goodbye.topic,
    rolemask: Role.Owner,
    aux1: nodeidAny,
    routes: [],
  });
}

export interface HelloExpectations {
  /** Own rank. */
  readonly rank: number;
  /** Own version, as a number. */
  readonly version: number;
  /** Name of the host of a rank, or undefined if the instance has no such rank. */
  hostOf(rank: number): string | undefined;
  isChild(rank: number): boolean;
}

/** Why a hello is refused; `logged` where the refused peer is not told but the log is. */
export class HelloRefusal extends FluxError {
  readonly logged: string;
  /** The refusal is about the version of the child with this rank, which health reports show. */
  readonly versionOf: number | undefined;

  constructor(text: string | undefined, logged: string, versionOf?: number) {
    super("EINVAL", text);
    this.logged = logged;
    this.versionOf = versionOf;
  }
}

/**
 * The hello in a request, if the sender may be a child. EPROTO: not understood; EPERM: no owner;
 * EINVAL (a HelloRefusal): wrong host, rank or version; EOVERFLOW: uuid too long.
 */
export function checkHello(request: Message, expected: HelloExpectations): Hello {
  const hello = overlay.hello.request.decode(request.payload, overlay.hello.topic);
  if (!isOwner(request)) throw new FluxError("EPERM");
  const { rank, hostname, version, uuid } = hello;
  const host = expected.hostOf(rank) ?? "(null)";
  if (hostname !== undefined && hostname !== host) {
    const why = `${host} is configured as rank ${rank}: mismatched config?`;
    throw new HelloRefusal(undefined, rejection(hostname, rank, why));
  }
  if (!expected.isChild(rank)) {
    const why = `rank ${rank} is not a child of rank ${expected.rank}: mismatched config?`;
    throw new HelloRefusal(why, rejection(host, rank, why));
  }
  if (version >> 8 !== expected.version >> 8) {
    const server = versionText(expected.version);
    const why = `client (${versionText(version)}) version mismatched with server (${server})`;
    throw new HelloRefusal(why, rejection(host, rank, why), rank);
  }
  if (uuid.length > maxUuid) throw new FluxError("EOVERFLOW");
  return hello;
}

function rejection(host: string, rank: number, why: string): string {
  return `rejecting connection from ${host} (rank ${rank}): ${why}`;
}
