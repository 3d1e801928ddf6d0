// RFC 12: Flux security architecture, as far as messages carry it.

import {
  isAllowed,
  isOwnerOr,
  Role,
  stamp,
  stampTrusted,
} from "@flux-ts/protocol/message/credential";
import { Message, MessageType, useridUnknown } from "@flux-ts/protocol/message/message";
import { testBroker } from "@flux-ts/testing/broker";
import { accessConfig, credentialOf } from "flux-ts/modules/connector-local/access";
import { expect, test } from "vitest";

const owner = 500;
const guest = 1234;
const nobody = (): boolean => false;
const message = (userid?: number, rolemask?: number): Message =>
  new Message({
    type: MessageType.Request,
    topic: "a.b",
    ...(userid !== undefined && { userid }),
    ...(rolemask !== undefined && { rolemask }),
  });

test("§ Roles: the owner may use everything, a guest what is open to users, nobody the rest", () => {
  const may = (rolemask: number, allowed: number) => isAllowed({ userid: 1, rolemask }, allowed);
  expect(may(Role.Owner, Role.None)).toBe(true);
  expect(may(Role.User, Role.None)).toBe(false);
  expect(may(Role.User, Role.User)).toBe(true);
  expect(may(Role.None, Role.User)).toBe(false);
  expect(may(Role.None, Role.All)).toBe(true);
});

test("§ Message credentials: a guest's claims are overwritten, an owner's are believed", () => {
  const claimed = message(0, Role.Owner);
  stamp(claimed, { userid: guest, rolemask: Role.User });
  expect(claimed).toMatchObject({ userid: guest, rolemask: Role.User });

  const impersonated = message(guest, Role.User);
  stampTrusted(impersonated, { userid: owner, rolemask: Role.Owner });
  expect(impersonated).toMatchObject({ userid: guest, rolemask: Role.User });

  const plain = message();
  expect(plain.userid).toBe(useridUnknown);
  stampTrusted(plain, { userid: owner, rolemask: Role.Owner });
  expect(plain).toMatchObject({ userid: owner, rolemask: Role.Owner });
});

test("what belongs to a user is open to that user and the owner; an unknown user owns nothing", () => {
  expect(isOwnerOr({ userid: guest, rolemask: Role.User }, guest)).toBe(true);
  expect(isOwnerOr({ userid: owner, rolemask: Role.Owner }, guest)).toBe(true);
  expect(isOwnerOr({ userid: 9, rolemask: Role.User }, guest)).toBe(false);
  const unknown = { userid: useridUnknown, rolemask: Role.User };
  expect(isOwnerOr(unknown, useridUnknown)).toBe(false);
});

test("§ Connections: roles follow from the peer's uid and the [access] table", () => {
  const closed = accessConfig({});
  const open = accessConfig({ access: { "allow-guest-user": true, "allow-root-owner": true } });
  const rolemask = (uid: number, access = open, isAdmin = nobody) =>
    credentialOf(uid, owner, access, isAdmin)?.rolemask;
  expect(rolemask(owner, closed)).toBe(5);
  expect(rolemask(guest, closed)).toBeUndefined();
  expect(rolemask(0, closed)).toBeUndefined();
  expect(rolemask(guest)).toBe(6);
  expect(rolemask(0)).toBe(5);
  expect(rolemask(guest, open, () => true)).toBe(14);
});

test("an unknown key in [access] is refused: a misspelled one must not open or close a door", () => {
  expect(() => accessConfig({ access: { "allow-guests": true } })).toThrow(
    "access.allow-guests: unknown key",
  );
  expect(() => accessConfig({ access: { roles: { operator: {} } } })).toThrow("unknown role");
});

test("§ Guests: they may not register services outside their own names", async () => {
  await using broker = await testBroker();
  const client = broker.connect({ userid: guest, rolemask: Role.User });
  await expect(client.addService("kvs")).rejects.toMatchObject({ code: "EPERM" });
  await client.addService(`${guest}-mine`);
  await expect(client.attr("rank")).resolves.toBe("0");
  await expect(client.rpc("log.clear")).rejects.toMatchObject({ code: "EPERM" });
});
