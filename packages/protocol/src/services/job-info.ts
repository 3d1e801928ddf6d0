import { Role } from "../message/credential.ts";
import { anyBody } from "../rpc/body.ts";
import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** Flags of `job-info.lookup` (RFC 41). */
export const LookupFlag = {
  /** Values as JSON instead of the stored text. */
  JsonDecode: 1,
  /** R and jobspec with the updates that the eventlog records. */
  Current: 2,
} as const;

/** Flags of `job-info.eventlog-watch`. */
export const WatchFlag = {
  /** Wait for an eventlog that does not exist yet. */
  WaitCreate: 1,
  /** Send an empty response after the events there were at first. */
  InitialSentinel: 2,
} as const;

/** What is known of a job, from the KVS (RFC 41). Guests see their own jobs. */
export const jobInfo = {
  /** A member for each of `keys`, by its name, and `id`. ENOENT: no such job or key. */
  lookup: method("job-info.lookup", {
    roles: Role.User,
    request: { id: t.jobId, keys: t.array(t.string), flags: t.int },
    response: anyBody,
  }),
  /** R with its updates. Older clients ask for it this way. */
  updateLookup: method("job-info.update-lookup", {
    roles: Role.User,
    request: { id: t.jobId, key: t.string, flags: t.int },
    response: anyBody,
  }),
  /** A response for each event, as a line of the log; ENODATA once no more can come. */
  eventlogWatch: method("job-info.eventlog-watch", {
    roles: Role.User,
    streaming: "required",
    request: { id: t.jobId, path: t.string, flags: t.int },
    response: { event: t.optional(t.string) },
  }),
  eventlogWatchCancel: method("job-info.eventlog-watch-cancel", {
    roles: Role.User,
    noResponse: true,
    request: { matchtag: t.int },
  }),
  /** R or jobspec, now and after each update; ENODATA when the job is inactive. */
  updateWatch: method("job-info.update-watch", {
    roles: Role.User,
    streaming: "required",
    request: { id: t.jobId, key: t.string, flags: t.int },
    response: anyBody,
  }),
  updateWatchCancel: method("job-info.update-watch-cancel", {
    roles: Role.User,
    noResponse: true,
    request: { matchtag: t.int },
  }),
  statsGet: method("job-info.stats-get", { response: anyBody }),
  disconnect: method("job-info.disconnect", { roles: Role.User, noResponse: true }),
};
