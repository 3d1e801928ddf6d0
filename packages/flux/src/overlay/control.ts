import { Message, MessageType } from "@flux-ts/protocol/message/message";

/** Kinds of control messages between neighbours; they exist on the overlay alone (wire-broker §2.4). */
export const Control = { Heartbeat: 0, Status: 1, Disconnect: 2 } as const;
export type Control = (typeof Control)[keyof typeof Control];

const names = ["heartbeat", "status", "disconnect"];

export function controlMessage(kind: Control, status = 0, routes: string[] = []): Message {
  return new Message({ type: MessageType.Control, aux1: kind, aux2: status, routes });
}

/** How traces show a control message, which has no topic: `status 1`. */
export function controlTopic(message: Message): string {
  return `${names[message.aux1] ?? "unknown"} ${message.aux2}`;
}
