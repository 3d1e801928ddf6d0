import { Message, MessageType } from "@flux-ts/protocol/message/message";
import { expect, test } from "vitest";
import { loopPair } from "../loop.ts";
import { withBorrowedCredential } from "./borrowed-credential.ts";

function sentWith(env: Record<string, string>): Promise<Message> {
  const [near, far] = loopPair();
  return new Promise((resolve) => {
    far.onMessage = resolve;
    withBorrowedCredential(near, env).send(new Message({ type: MessageType.Request }));
  });
}

test("messages carry the credential that the environment names", async () => {
  const env = { FLUX_HANDLE_USERID: "9999", FLUX_HANDLE_ROLEMASK: "0x2" };
  expect(await sentWith(env)).toMatchObject({ userid: 9999, rolemask: 2 });
});

test("without it they carry none, for the broker to fill in", async () => {
  expect(await sentWith({})).toMatchObject({ userid: 0xffffffff, rolemask: 0 });
});
