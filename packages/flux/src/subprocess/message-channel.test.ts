import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectFd } from "@flux-ts/client/connectors/fd";
import { SocketTransport } from "@flux-ts/client/connectors/socket-transport";
import { Message, MessageType } from "@flux-ts/protocol/message/message";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { expect, test } from "vitest";
import { duplicateFd } from "../native/pipe.ts";
import { openMessageChannel } from "./message-channel.ts";

const event = (topic: string): Message => new Message({ type: MessageType.Event, topic });

test("messages pass both ways between the process's socket and the URI", async () => {
  const directory = mkdtempSync(join(tmpdir(), "msgchan-"));
  const path = join(directory, "local");
  const broker = createServer().listen(path);
  await once(broker, "listening");
  const accepted = once(broker, "connection") as Promise<[Socket]>;
  broker.on("connection", (socket) => socket.write(new Uint8Array(1)));
  const channel = await openMessageChannel("MODULE_URI", `local://${path}`);
  expect(channel.passed).toMatchObject({ name: "MODULE_URI", prefix: "fd://" });
  const near = await connectFd(String(duplicateFd(channel.passed.fd)));
  channel.closeTheirs();
  const far = new SocketTransport((await accepted)[0]);
  const received = new Promise<Message>((resolve) => {
    far.onMessage = resolve;
  });
  near.send(event("to.broker"));
  expect(await received).toMatchObject({ topic: "to.broker" });
  const answered = new Promise<Message>((resolve) => {
    near.onMessage = resolve;
  });
  far.send(event("to.process"));
  expect(await answered).toMatchObject({ topic: "to.process" });
  const gone = new Promise<void>((resolve) => {
    far.onClose = () => resolve();
  });
  near.close();
  await gone;
  broker.close();
  rmSync(directory, { recursive: true });
});

test("a URI that cannot be opened fails with its errno", async () => {
  const error = await openMessageChannel("X", "nosuch://x").catch((error: unknown) => error);
  expect(isErrno(error, "ENOENT")).toBe(true);
});
