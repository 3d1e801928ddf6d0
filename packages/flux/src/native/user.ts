import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Native } from "./koffi.ts";
import { addressOf, libc } from "./libc.ts";

/** An entry of the user database: /etc/passwd or whatever nsswitch.conf names, such as LDAP. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** Answers kept, and how long; directory services are slow, and users rarely change. */
const maxCached = 1000;
const cacheMs = 60_000;
const bufferBytes = 65_536;
const maxGroups = 65_536;

const byUid = new Map<number, { user: User | undefined; time: number }>();

/** The user with this uid, or undefined if there is none. May block on a directory service. */
export function userOfUid(uid: number): User | undefined {
  const now = performance.now();
  const known = byUid.get(uid);
  if (known && now - known.time < cacheMs) return known.user;
  const user = lookup(libc().getpwuid, uid);
  byUid.delete(uid);
  if (byUid.size >= maxCached) byUid.delete(byUid.keys().next().value!);
  byUid.set(uid, { user, time: now });
  return user;
}

/** The user of this name, or undefined. May block on a directory service. */
export function userOfName(name: string): User | undefined {
  return lookup(libc().getpwnam, name);
}

/** The user's name, or the uid in digits where there is none, as `ls -l` shows it. */
export function userName(uid: number): string {
  return userOfUid(uid)?.name ?? String(uid);
}

/** Ids of all groups a user is in, the primary one first. ENOENT if there is no such user. */
export function groupsOf(name: string): number[] {
  const user = userOfName(name);
  if (!user) throw new FluxError("ENOENT", `no user named ${name}`);
  for (let size = 64; size <= maxGroups; size *= 4) {
    const groups = new Uint32Array(size);
    const count = new Int32Array([size]);
    if (libc().getgrouplist(name, user.gid, groups, count) !== -1) {
      return [...groups.subarray(0, count[0])];
    }
  }
  throw new FluxError("ERANGE", `user ${name} is in too many groups`);
}

/** The name of a group, or undefined if it has none. */
export function groupName(gid: number): string | undefined {
  return record(libc().getgrgid, gid, (words, text) => text(words[0]!));
}

// struct passwd on 64-bit machines: name, password, uid and gid in one word, comment, home, shell.
function lookup<Key>(get: PasswdCall<Key>, key: Key): User | undefined {
  return record(get, key, (words, text) => {
    const ids = new Uint32Array(words.buffer, 16, 2);
    const [uid, gid] = [ids[0]!, ids[1]!];
    return { name: text(words[0]!), uid, gid, home: text(words[4]!), shell: text(words[5]!) };
  });
}

type PasswdCall<Key> = Native<
  [key: Key, entry: BigUint64Array, text: Uint8Array, size: number, found: BigUint64Array],
  number
>;

function record<Key, T>(
  get: PasswdCall<Key>,
  key: Key,
  read: (words: BigUint64Array, text: (pointer: bigint) => string) => T,
): T | undefined {
  const words = new BigUint64Array(8);
  const memory = new Uint8Array(bufferBytes);
  const found = new BigUint64Array(1);
  const errnum = get(key, words, memory, bufferBytes, found);
  if (found[0] === 0n) {
    if (errnum === 0 || missing.has(errnum)) return undefined;
    throw new FluxError(errnum);
  }
  const base = addressOf(memory);
  return read(words, (pointer) => {
    const start = Number(pointer - base);
    return new TextDecoder().decode(memory.subarray(start, memory.indexOf(0, start)));
  });
}

/** Errors by which databases say that there is no such entry: ENOENT, ESRCH, EBADF, EPERM. */
const missing: ReadonlySet<number> = new Set([1, 2, 3, 9]);
