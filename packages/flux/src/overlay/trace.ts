import { type Message, MessageType } from "@flux-ts/protocol/message/message";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { RequestOf, ResponseOf } from "@flux-ts/protocol/rpc/method";
import type { Json } from "@flux-ts/protocol/schema/json";
import type { overlay } from "@flux-ts/protocol/services/overlay";
import { controlTopic } from "./control.ts";

export type TraceRequest = RequestOf<typeof overlay.trace>;
export type TraceRecord = ResponseOf<typeof overlay.trace>;

/** A message on its way to or from a peer. */
export interface Traced {
  readonly prefix: "rx" | "tx";
  /** Rank of the peer; -1: all, or not known. */
  readonly rank: number;
  readonly message: Message;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

/** A test for topics by shell pattern: `*`, `?` and sets, as in glob(7). */
export function topicFilter(glob: string): (topic: string) => boolean {
  const source = glob.replace(/\[[!^]?\]?[^\]]*\]|[\\^$.*+?()[\]{}|]/g, (token) => {
    if (token === "*") return ".*";
    if (token === "?") return ".";
    if (token.length > 1) return token.replace(/^\[!/, "[^").replace(/\\/g, "\\\\");
    return `\\${token}`;
  });
  const pattern = new RegExp(`^${source}$`, "s");
  return (topic) => pattern.test(topic);
}

/** The record of a message for a trace client, or undefined if it did not ask for such messages. */
export function traceRecord(
  asked: TraceRequest,
  matchesTopic: (topic: string) => boolean,
  traced: Traced,
): TraceRecord | undefined {
  const { message, rank } = traced;
  const topic =
    message.type === MessageType.Control ? controlTopic(message) : (message.topic ?? "");
  if ((asked.typemask & message.type) === 0) return undefined;
  if (asked.nodeid !== -1 && rank !== -1 && asked.nodeid !== rank) return undefined;
  if (asked.topic_glob !== "" && !matchesTopic(topic)) return undefined;
  const errnum = message.type === MessageType.Response ? message.errnum : 0;
  return {
    timestamp: traced.timestamp,
    prefix: traced.prefix,
    rank,
    name: null,
    type: message.type,
    topic,
    payload_size: errnum === 0 ? (message.payload?.bytes.length ?? 0) : 0,
    payload: asked.full && errnum === 0 ? payloadOf(message) : null,
    errnum,
    errstr: asked.full && errnum !== 0 ? errorTextOf(message) : "",
  };
}

function payloadOf(message: Message): Json {
  return quietly(() => message.payload?.json) ?? null;
}

function errorTextOf(message: Message): string {
  return quietly(() => message.payload?.text) ?? "";
}

/** Payloads that are neither JSON nor text are none of the trace's business. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof FluxError) return undefined;
    throw error;
  }
}
