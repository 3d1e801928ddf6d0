import { Role } from "../message/credential.ts";
import { rObject } from "../resource/r-object.ts";
import { textBody } from "../rpc/body.ts";
import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** What to do with targets that are drained already; absent: the request fails with EEXIST. */
const drainMode = t.optional(t.string);

/**
 * The instance's resources (RFC 20, 28, 44). Methods that say so exist on rank 0 only. Idsets are
 * RFC 22 strings, `""` for the empty set.
 */
export const resource = {
  /** The administrator's view. Rank 0; EPROTO elsewhere. `drain`: by idset of ranks. */
  status: method("resource.status", {
    roles: Role.User,
    response: {
      R: rObject,
      drain: t.record(t.object({ timestamp: t.real, reason: t.string })),
      online: t.string,
      offline: t.string,
      exclude: t.string,
      torpid: t.string,
    },
  }),
  /** The scheduler's view, made without asking it. Rank 0; EPROTO elsewhere. */
  schedStatus: method("resource.sched-status", {
    roles: Role.User,
    response: { all: rObject, down: rObject, allocated: rObject },
  }),
  /** R of the instance and how it was found (RFC 44 resource-define). ENOENT: not known yet. */
  get: method("resource.get", { response: { R: rObject, method: t.string } }),
  /**
   * RFC 28. Rank 0. The first response has `resources` and `up`, the others what changed; who does
   * not ask for a stream gets the first alone and holds nothing. EBUSY: a second client; ECANCELED:
   * the module was unloaded.
   */
  acquire: method("resource.acquire", {
    streaming: "optional",
    response: {
      resources: t.optional(rObject),
      up: t.optional(t.string),
      down: t.optional(t.string),
      shrink: t.optional(t.string),
      expiration: t.optional(t.real),
    },
  }),
  acquireCancel: method("resource.acquire-cancel", {
    noResponse: true,
    request: { matchtag: t.int },
  }),
  /** Tell the scheduler nothing more: the instance is being shut down. */
  acquireMute: method("resource.acquire-mute", {}),
  /** RFC 44. Rank 0. What was, then the sentinel `{events: []}`, then what comes. */
  journal: method("resource.journal", {
    streaming: "required",
    response: { events: t.array(t.jsonObject), R: t.optional(rObject) },
  }),
  journalCancel: method("resource.journal-cancel", {
    noResponse: true,
    request: { matchtag: t.int },
  }),
  /** Rank 0. `targets`: idset or hostlist; `mode`: update, overwrite or force-overwrite. */
  drain: method("resource.drain", {
    request: { targets: t.string, reason: t.optional(t.string), mode: drainMode },
  }),
  undrain: method("resource.undrain", {
    request: { targets: t.string, reason: t.optional(t.string), mode: drainMode },
  }),
  /** Rank 0. Replace R by a file, or with `xml` by a directory of `<rank>.xml` topologies. */
  reload: method("resource.reload", {
    request: { path: t.string, xml: t.boolean, force: t.boolean },
  }),
  expirationUpdate: method("resource.expiration-update", { request: { expiration: t.number } }),
  /** This rank's topology as hwloc 2 XML: a plain string, not JSON. */
  topoGet: method("resource.topo-get", { roles: Role.User, response: textBody }),
  /** From child to parent: the resources of `count` ranks below. */
  topoReduce: method("resource.topo-reduce", {
    noResponse: true,
    request: { count: t.int, resource: rObject },
  }),
  /** Answered when exactly `up` ranks are up. */
  monitorWaitup: method("resource.monitor-waitup", { request: { up: t.int } }),
  monitorForceDown: method("resource.monitor-force-down", { request: { ranks: t.string } }),
  disconnect: method("resource.disconnect", { roles: Role.User, noResponse: true }),
};
