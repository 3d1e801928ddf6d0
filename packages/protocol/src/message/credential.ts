import { type Message, useridUnknown } from "./message.ts";

/** Roles of RFC 12, as bits of a rolemask. */
export const Role = {
  None: 0,
  Owner: 1,
  User: 2,
  Local: 4,
  Admin: 8,
  All: 0xffffffff,
} as const;

/** Who sent a message (RFC 12). */
export interface Credential {
  readonly userid: number;
  readonly rolemask: number;
}

export const credentialUnknown: Credential = { userid: useridUnknown, rolemask: Role.None };

/** True if a credential may use what is open to `allowed` roles: the owner may use everything. */
export function isAllowed(cred: Credential, allowed: number): boolean {
  return (cred.rolemask & (Role.Owner | allowed)) !== 0 || allowed === Role.All;
}

export function isOwner(cred: Credential): boolean {
  return (cred.rolemask & Role.Owner) !== 0;
}

/** True if `cred` is the instance owner or the user `userid` (RFC 12: guests own what they made). */
export function isOwnerOr(cred: Credential, userid: number): boolean {
  return isOwner(cred) || (cred.userid === userid && cred.userid !== useridUnknown);
}

/**
 * Fill in the credential of a message from a party trusted with the owner's rights: fields that it
 * set stay (the owner may impersonate), unknown ones become the party's.
 */
export function stampTrusted(message: Message, cred: Credential): void {
  if (message.userid === useridUnknown) message.userid = cred.userid;
  if (message.rolemask === Role.None) message.rolemask = cred.rolemask;
}

/** Overwrite the credential of a message from a party that is not trusted. */
export function stamp(message: Message, cred: Credential): void {
  message.userid = cred.userid;
  message.rolemask = cred.rolemask;
}
