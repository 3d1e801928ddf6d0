import { type Credential, Role } from "@flux-ts/protocol/message/credential";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";

/** The `[access]` table: who besides the owner may connect, and with which roles (RFC 12). */
export interface AccessConfig {
  readonly allowGuestUser: boolean;
  readonly allowRootOwner: boolean;
  /** Names of users and groups with the admin role. */
  readonly adminUsers: readonly string[];
  readonly adminGroups: readonly string[];
}

/** Read `[access]`. Unknown keys are errors: a misspelled one must not open or close a door. */
export function accessConfig(config: JsonObject): AccessConfig {
  const table = tableOf(config.access ?? {}, "access");
  let [allowGuestUser, allowRootOwner] = [false, false];
  let [adminUsers, adminGroups]: [string[], string[]] = [[], []];
  for (const [key, value] of Object.entries(table)) {
    if (key === "allow-guest-user") allowGuestUser = booleanOf(value, key);
    else if (key === "allow-root-owner") allowRootOwner = booleanOf(value, key);
    else if (key === "private-mode") booleanOf(value, key);
    else if (key === "roles")
      [adminUsers, adminGroups] = adminNames(tableOf(value, "access.roles"));
    else throw new FluxError("EINVAL", `access.${key}: unknown key`);
  }
  return { allowGuestUser, allowRootOwner, adminUsers, adminGroups };
}

function adminNames(roles: JsonObject): [string[], string[]] {
  let [users, groups]: [string[], string[]] = [[], []];
  for (const [role, members] of Object.entries(roles)) {
    if (role !== "admin") throw new FluxError("EINVAL", `access.roles.${role}: unknown role`);
    for (const [key, names] of Object.entries(tableOf(members, "access.roles.admin"))) {
      if (key === "users") users = namesOf(names, `access.roles.admin.${key}`);
      else if (key === "groups") groups = namesOf(names, `access.roles.admin.${key}`);
      else throw new FluxError("EINVAL", `access.roles.admin.${key}: unknown key`);
    }
  }
  return [users, groups];
}

function tableOf(value: Json | undefined, path: string): JsonObject {
  if (!isJsonObject(value)) throw new FluxError("EINVAL", `${path} must be a table`);
  return value;
}

function booleanOf(value: Json | undefined, key: string): boolean {
  if (typeof value !== "boolean") throw new FluxError("EINVAL", `access.${key} must be a boolean`);
  return value;
}

function namesOf(value: Json | undefined, path: string): string[] {
  if (!Array.isArray(value) || !value.every((name) => typeof name === "string")) {
    throw new FluxError("EINVAL", `${path} must be an array of names`);
  }
  return value as string[];
}

/** The credential of a connection by its peer's uid, or undefined if it is to be refused. */
export function credentialOf(
  uid: number,
  owner: number,
  access: AccessConfig,
  isAdmin: (uid: number) => boolean,
): Credential | undefined {
  if (uid === owner || (uid === 0 && access.allowRootOwner)) {
    return { userid: uid, rolemask: Role.Owner | Role.Local };
  }
  if (!access.allowGuestUser) return undefined;
  const admin = isAdmin(uid) ? Role.Admin : 0;
  return { userid: uid, rolemask: Role.User | Role.Local | admin };
}
