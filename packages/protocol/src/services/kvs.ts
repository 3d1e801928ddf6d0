import { Role } from "../message/credential.ts";
import { method } from "../rpc/method.ts";
import { type ObjectOf, type TypeOf, t } from "../schema/schema.ts";

/** Flags of kvs.lookup and kvs-watch.lookup. `Append` is a flag of an operation in a commit. */
export const KvsFlag = {
  Readdir: 1,
  Readlink: 2,
  Watch: 4,
  Waitcreate: 8,
  Treeobj: 16,
  Append: 32,
  WatchFull: 64,
  WatchUniq: 128,
  WatchAppend: 256,
  Stream: 512,
  WatchInitialSentinel: 1024,
} as const;

/** Flags of a commit. `TxnCompact` is for the client's own use and never sent. */
export const CommitFlag = { NoMerge: 1, TxnCompact: 2, Sync: 4 } as const;

/** The namespace that lives as long as the instance and is restored with it. */
export const primaryNamespace = "primary";

const lookupRequest = {
  key: t.string,
  flags: t.int,
  /** One of namespace and rootdir must be there. */
  namespace: t.optional(t.string),
  /** A dirref: look up below this snapshot. */
  rootdir: t.optional(t.json),
  rootseq: t.optional(t.int),
};
export type LookupRequest = ObjectOf<typeof lookupRequest>;

/** What a commit does to one key: put a tree object there, append a val, or unlink it (null). */
export const kvsOperation = t.object(
  { key: t.string, flags: t.int, dirent: t.json },
  { strict: true },
);

const version = { rootseq: t.int, rootref: t.string };

/** The key-value store (RFC 11): namespaces of tree objects, changed by commits at rank 0. */
export const kvs = {
  /** ENOENT, EISDIR, ENOTDIR, ELOOP; ENOTSUP: no such namespace; EPERM: it is somebody else's. */
  lookup: method("kvs.lookup", {
    roles: Role.User,
    request: lookupRequest,
    response: { val: t.json },
  }),
  /** As lookup, with the root that was read; a missing key is a response with `errno` 2. */
  lookupPlus: method("kvs.lookup-plus", {
    roles: Role.User,
    request: lookupRequest,
    response: { val: t.optional(t.json), errno: t.optional(t.int), ...version },
  }),
  /** Answered when the new root is in force here. */
  commit: method("kvs.commit", {
    roles: Role.User,
    request: { namespace: t.string, flags: t.int, ops: t.array(t.json) },
    response: version,
  }),
  /** A follower hands a commit to rank 0; the outcome comes as an event that names it. */
  relaycommit: method("kvs.relaycommit", {
    noResponse: true,
    request: { namespace: t.string, flags: t.int, name: t.string, ops: t.array(t.json) },
  }),
  getroot: method("kvs.getroot", {
    roles: Role.User,
    request: { namespace: t.string, flags: t.optional(t.int) },
    response: { owner: t.int, ...version, flags: t.int, namespace: t.string },
  }),
  /** Answered when this rank has got to `rootseq`. */
  waitVersion: method("kvs.wait-version", {
    roles: Role.User,
    request: { rootseq: t.int, namespace: t.string },
    response: version,
  }),
  /** `owner` -1 or 2^32-1 is the instance owner. EEXIST. Rank 0. */
  namespaceCreate: method("kvs.namespace-create", {
    request: { namespace: t.string, rootref: t.string, owner: t.int, flags: t.int },
  }),
  /** Nothing happens if there is no such namespace. Rank 0. */
  namespaceRemove: method("kvs.namespace-remove", { request: { namespace: t.string } }),
  namespaceList: method("kvs.namespace-list", {
    response: {
      namespaces: t.array(t.object({ namespace: t.string, owner: t.int, flags: t.int })),
    },
  }),
  /** Test hooks: do not follow new roots on this rank, and follow them again. */
  setrootPause: method("kvs.setroot-pause", {
    roles: Role.User,
    request: { namespace: t.string },
  }),
  setrootUnpause: method("kvs.setroot-unpause", {
    roles: Role.User,
    request: { namespace: t.string },
  }),
  /** A client is gone: forget what it waits for. */
  disconnect: method("kvs.disconnect", { roles: Role.User, noResponse: true }),
};

/** All events of namespaces start so; then `NAMESPACE-` and one of the words below. */
export const namespaceTopic = "kvs.namespace-";

export const setrootEvent = t.object({
  namespace: t.string,
  ...version,
  /** The commits that made it. */
  names: t.array(t.string),
  /** The keys they named, normalized, each with the value null. */
  keys: t.jsonObject,
  owner: t.int,
});
export type SetrootEvent = TypeOf<typeof setrootEvent>;

export const commitErrorEvent = t.object({
  namespace: t.string,
  names: t.array(t.string),
  errnum: t.int,
});

export const namespaceCreatedEvent = t.object({ namespace: t.string, ...version, owner: t.int });

export const namespaceRemovedEvent = t.object({ namespace: t.string });
