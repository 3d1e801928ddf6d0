import { type Message, MessageFlag } from "@flux-ts/protocol/message/message";

/** Topics longer than this are not noted, so that their disconnect topic stays a legal one. */
const maxTopic = 255;

/**
 * Remembers which services a client has asked something of, so that each can be told when the client
 * goes away without having cancelled (RFC 6 disconnect).
 */
export class DisconnectNotes {
  readonly #notes = new Map<string, Message>();

  /** A request from the client passes. Those that expect no response leave nothing behind. */
  arm(request: Message): void {
    const { topic = "" } = request;
    if (request.has(MessageFlag.NoResponse) || topic.length > maxTopic) return;
    const farewell = disconnectTopic(topic);
    const key = `${farewell} ${request.nodeid} ${request.flags & MessageFlag.Upstream}`;
    if (!this.#notes.has(key)) this.#notes.set(key, disconnectOf(request, farewell));
  }

  /** The disconnect requests to send; each once. */
  take(): Message[] {
    const all = [...this.#notes.values()];
    this.#notes.clear();
    return all;
  }
}

/** RFC 6: the last word of the topic is replaced by `disconnect`. */
function disconnectTopic(topic: string): string {
  const dot = topic.lastIndexOf(".");
  return dot < 0 ? "disconnect" : `${topic.slice(0, dot)}.disconnect`;
}

function disconnectOf(request: Message, topic: string): Message {
  const disconnect = request.clone();
  disconnect.topic = topic;
  disconnect.payload = undefined;
  disconnect.flags = (request.flags & MessageFlag.Upstream) | MessageFlag.NoResponse;
  return disconnect;
}
