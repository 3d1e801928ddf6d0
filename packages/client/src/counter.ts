import { type Message, MessageType } from "@flux-ts/protocol/message/message";

/** Counts messages by type, as `NAME.stats-get` reports them. */
export class MessageCounter {
  request = 0;
  response = 0;
  event = 0;
  control = 0;

  add(message: Message): void {
    switch (message.type) {
      case MessageType.Request:
        this.request++;
        return;
      case MessageType.Response:
        this.response++;
        return;
      case MessageType.Event:
        this.event++;
        return;
      case MessageType.Control:
        this.control++;
        return;
    }
  }

  clear(): void {
    this.request = 0;
    this.response = 0;
    this.event = 0;
    this.control = 0;
  }

  toJson(): { request: number; response: number; event: number; control: number } {
    const { request, response, event, control } = this;
    return { request, response, event, control };
  }
}
