import { type Message, MessageType } from "@flux-ts/protocol/message/message";
import { Payload } from "@flux-ts/protocol/message/payload";
import { expect, test } from "vitest";
import { Flux } from "./handle.ts";
import { loopPair } from "./loop.ts";
import { ReconnectingTransport } from "./reconnecting-transport.ts";
import type { Transport } from "./transport.ts";

/** A server that answers every request, until it drops its client. */
function server() {
  const topics: string[] = [];
  let far: Transport | undefined;
  let silent = false;
  const open = async (): Promise<Transport> => {
    const [theirs, ours] = loopPair();
    far = theirs;
    theirs.onMessage = (message: Message) => {
      topics.push(message.topic ?? "");
      if (message.type !== MessageType.Request || silent) return;
      theirs.send(message.response(0, Payload.json({})));
    };
    return ours;
  };
  return {
    open,
    topics,
    drop: () => far?.close(),
    keepSilent: (value: boolean) => {
      silent = value;
    },
  };
}

test("after a loss RPCs in flight fail, and later ones reach the new connection", async () => {
  const { open, topics, drop, keepSilent } = server();
  const flux = new Flux(await ReconnectingTransport.open(open));
  keepSilent(true);
  const lost = flux.rpc("a.b");
  await flux.rpc("a.c", {}, { timeoutSeconds: 0.01 }).catch(() => {});
  drop();
  await expect(lost).rejects.toMatchObject({ code: "ECONNRESET" });
  keepSilent(false);
  await flux.rpc("a.d");
  expect(topics.at(-1)).toBe("a.d");
});

test("subscriptions and services are asked for again", async () => {
  const { open, topics, drop } = server();
  const flux = new Flux(await ReconnectingTransport.open(open));
  await flux.subscribe("x.", () => {});
  await flux.addService("svc");
  topics.length = 0;
  drop();
  // The loss is noticed when its turn comes; what is sent after that waits for the new connection.
  await new Promise(setImmediate);
  await flux.rpc("a.b");
  expect(topics).toEqual(["event.subscribe", "service.add", "a.b"]);
});

test("when the attempts are used up the connection is closed with the last error", async () => {
  let isFirst = true;
  const { open, drop } = server();
  const flux = new Flux(
    await ReconnectingTransport.open(
      async () => {
        if (!isFirst) throw new Error("no broker");
        isFirst = false;
        return open();
      },
      { tries: 2, firstDelaySeconds: 0.001 },
    ),
  );
  drop();
  expect(await flux.closed).toMatchObject({ message: "no broker" });
});
