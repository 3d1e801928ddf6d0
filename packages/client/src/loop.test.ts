import { Message, MessageType } from "@flux-ts/protocol/message/message";
import { expect, test } from "vitest";
import { loopPair } from "./loop.ts";

test("all that was sent arrives before the end of the connection, however much there was", async () => {
  for (let count = 1; count < 200; count++) {
    const [near, far] = loopPair();
    const seen: number[] = [];
    const closed = new Promise<void>((resolve) => {
      far.onClose = () => resolve();
    });
    far.onMessage = (message) => void seen.push(message.aux1);
    for (let i = 0; i < count; i++) {
      near.send(new Message({ type: MessageType.Event, aux1: i }));
      await Promise.resolve();
    }
    near.close();
    await closed;
    expect(seen).toEqual(Array.from({ length: count }, (_, i) => i));
  }
});
