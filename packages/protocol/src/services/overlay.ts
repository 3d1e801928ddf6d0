import { Role } from "../message/credential.ts";
import { anyBody } from "../rpc/body.ts";
import { method } from "../rpc/method.ts";
import { type Schema, t } from "../schema/schema.ts";

/** A broker of the tree and what hangs below it; `size` counts the broker itself. */
export interface Subtree {
  readonly rank: number;
  readonly size: number;
  readonly children: Subtree[];
}

/** The children are themselves subtrees, so the check of one level refers to the whole. */
const subtree: Schema<Subtree> = {
  check: (value, path) =>
    t
      .object({ rank: t.int, size: t.int, children: t.array({ check: subtree.check }) })
      .check(value, path),
};

const health = {
  rank: t.int,
  /** Subtree status by name: unknown, full, partial, degraded, lost or offline. */
  status: t.string,
  /** Seconds since the status changed. */
  duration: t.real,
};

/** The tree of brokers (TBON): who is up, what hangs below whom. */
export const overlay = {
  /** From a child when it connects; `status` is its subtree status by number (wire-broker §2.3). */
  hello: method("overlay.hello", {
    request: {
      rank: t.int,
      version: t.int,
      uuid: t.string,
      status: t.int,
      hostname: t.optional(t.string),
    },
    response: { uuid: t.string },
  }),
  /** From a child that leaves; once answered, the parent counts it as offline. */
  goodbye: method("overlay.goodbye", {}),
  /** How this broker and its children are; streaming: again at each change. */
  health: method("overlay.health", {
    roles: Role.User,
    streaming: "optional",
    response: {
      ...health,
      children: t.array(t.object({ ...health, error: t.optional(t.string) })),
    },
  }),
  /** The tree below this broker or one of its children. ENOENT: neither. */
  topology: method("overlay.topology", {
    roles: Role.User,
    request: { rank: t.int },
    response: { rank: t.int, size: t.int, children: t.array(subtree) },
  }),
  /** One response for each child that is not offline, then one for each change. */
  monitor: method("overlay.monitor", {
    streaming: "required",
    response: { rank: t.int, status: t.string, torpid: t.boolean },
  }),
  /** ENOENT: not a child; EINVAL: not connected. */
  disconnectSubtree: method("overlay.disconnect-subtree", { request: { rank: t.int } }),
  disconnectParent: method("overlay.disconnect-parent", {
    noResponse: true,
    request: { reason: t.string },
  }),
  /** Messages to and from peers; `nodeid` -1 is any peer. */
  trace: method("overlay.trace", {
    streaming: "required",
    request: {
      typemask: t.int,
      topic_glob: t.string,
      nodeid: t.int,
      full: t.optional(t.boolean),
    },
    response: {
      timestamp: t.real,
      /** `rx` or `tx`. */
      prefix: t.string,
      rank: t.int,
      name: t.nullable(t.string),
      type: t.int,
      topic: t.string,
      payload_size: t.int,
      payload: t.nullable(t.json),
      errnum: t.int,
      errstr: t.string,
    },
  }),
  statsGet: method("overlay.stats-get", {
    roles: Role.User,
    response: {
      "child-count": t.int,
      "child-connected": t.int,
      "parent-count": t.int,
      "parent-rpc": t.int,
      "child-rpc": t.int,
      interthread: t.object({ sendq: t.int, recvq: t.int }),
    },
  }),
  disconnect: method("overlay.disconnect", { roles: Role.User, noResponse: true }),
  /** A new configuration; the settings in it win. */
  configReload: method("overlay.config-reload", { request: anyBody }),
  /** The configuration of the leader; attributes set on the command line win. */
  configSync: method("overlay.config-sync", { request: anyBody }),
};
