import { contextText } from "../job/eventlog.ts";
import { Role } from "../message/credential.ts";
import { anyBody } from "../rpc/body.ts";
import { method } from "../rpc/method.ts";
import type { JsonObject } from "../schema/json.ts";
import type { ObjectOf, Schema } from "../schema/schema.ts";
import { t } from "../schema/schema.ts";

/** A job as job-ingest announces it; `jobspec` without its environment. */
const submittedJob = {
  id: t.jobId,
  userid: t.int,
  urgency: t.int,
  t_submit: t.real,
  flags: t.int,
  jobspec: t.jsonObject,
};
export type SubmittedJob = ObjectOf<typeof submittedJob>;

/** A job as `job-manager.list` shows it. */
const listedJob = {
  id: t.jobId,
  userid: t.int,
  urgency: t.int,
  priority: t.int,
  t_submit: t.real,
  state: t.int,
  annotations: t.optional(t.jsonObject),
  dependencies: t.optional(t.array(t.string)),
};
export type ListedJob = ObjectOf<typeof listedJob>;

/** Events of one job: those so far, or those that just happened. */
const journalEntry = {
  /** -1 with no events: the past is told, what follows is live. */
  id: t.jobId,
  events: t.array(t.jsonObject),
  /** With the submit event, and with the events so far. Redacted: no environment. */
  jobspec: t.optional(t.jsonObject),
  /** With the alloc event, and with the events so far. Redacted: no `scheduling`. */
  R: t.optional(t.jsonObject),
};
export type JournalEntry = ObjectOf<typeof journalEntry>;

const counted = { count: t.int, errors: t.int };

/** Values by jobspec path; a duration is a real, as in the event that tells of it. */
const jobspecUpdates: Schema<JsonObject> = {
  ...t.jsonObject,
  print: (updates) => contextText("jobspec-update", updates),
};

/** What holds and drives all jobs of an instance (RFC 21), on rank 0. */
export const jobManager = {
  /** From job-ingest. `errors` are pairs of a job id and why it was refused. */
  submit: method("job-manager.submit", {
    request: { jobs: t.array(t.object(submittedJob)) },
    response: { errors: t.array(t.json) },
  }),
  /** ENOENT: no such job, or inactive. EPERM: another user's. EPROTO: severity or type is none. */
  raise: method("job-manager.raise", {
    roles: Role.User,
    request: {
      id: t.jobId,
      severity: t.int,
      type: t.string,
      note: t.optional(t.string),
      wait_status: t.optional(t.int),
    },
  }),
  /** `userid` -1: of all users; `states`: a mask of RFC 21 states. */
  raiseall: method("job-manager.raiseall", {
    roles: Role.User,
    request: {
      dry_run: t.boolean,
      userid: t.int,
      states: t.int,
      severity: t.int,
      type: t.string,
      note: t.optional(t.string),
    },
    response: counted,
  }),
  /** EINVAL: no such job, not running, or no such signal. */
  kill: method("job-manager.kill", {
    roles: Role.User,
    request: { id: t.jobId, signum: t.int },
  }),
  killall: method("job-manager.killall", {
    roles: Role.User,
    request: { dry_run: t.boolean, userid: t.int, signum: t.int },
    response: counted,
  }),
  /** EINVAL: out of range (RFC 30), no such job, or it has resources. */
  urgency: method("job-manager.urgency", {
    roles: Role.User,
    request: { id: t.jobId, urgency: t.int },
    response: { old_urgency: t.int },
  }),
  /** `updates`: values by jobspec path, such as `attributes.system.duration`. */
  update: method("job-manager.update", {
    roles: Role.User,
    request: { id: t.jobId, updates: jobspecUpdates },
  }),
  /** Merge `memo` into the annotations below `user`; `volatile`: without a record in the KVS. */
  memo: method("job-manager.memo", {
    roles: Role.User,
    request: { id: t.jobId, volatile: t.optional(t.boolean), memo: t.jsonObject },
  }),
  /** `max_entries` 0: all. Pending jobs in queue order, the other active ones, then zombies. */
  list: method("job-manager.list", {
    request: { max_entries: t.int },
    response: { jobs: t.array(t.object(listedJob)) },
  }),
  /** `attrs` of jobspec, R, eventlog. */
  getattr: method("job-manager.getattr", {
    roles: Role.User,
    request: { id: t.jobId, attrs: t.array(t.json) },
    response: anyBody,
  }),
  getinfo: method("job-manager.getinfo", {
    roles: Role.User,
    response: { max_jobid: t.jobId },
  }),
  statsGet: method("job-manager.stats-get", { roles: Role.User, response: anyBody }),
  /** Wait for a waitable job to end; id -1: for any. Each result is told once. ECHILD: none. */
  wait: method("job-manager.wait", {
    request: { id: t.jobId },
    response: { id: t.jobId, success: t.boolean, errstr: t.string },
  }),
  /** Answered when no job is active. */
  drain: method("job-manager.drain", {}),
  /** Answered when no job runs and none is about to. */
  idle: method("job-manager.idle", { response: { pending: t.int } }),
  allocQuery: method("job-manager.alloc-query", {
    roles: Role.User,
    response: { queue_length: t.int, alloc_pending: t.int, running: t.int },
  }),
  resourceStatus: method("job-manager.resource-status", { response: { allocated: t.jsonObject } }),
  /** Names of the queues; none when there is only the anonymous one (RFC 33). */
  queueList: method("job-manager.queue-list", {
    roles: Role.User,
    response: { queues: t.array(t.string) },
  }),
  queueStatus: method("job-manager.queue-status", {
    roles: Role.User,
    request: { name: t.optional(t.string) },
    response: {
      enable: t.boolean,
      start: t.boolean,
      disable_reason: t.optional(t.string),
      stop_reason: t.optional(t.string),
    },
  }),
  /** Answered when the new state is durable. */
  queueEnable: method("job-manager.queue-enable", {
    request: {
      name: t.optional(t.string),
      enable: t.boolean,
      reason: t.optional(t.string),
      all: t.boolean,
    },
  }),
  /** Answered when the new state is durable; with `nocheckpoint` it ends with this run. */
  queueStart: method("job-manager.queue-start", {
    request: {
      name: t.optional(t.string),
      start: t.boolean,
      reason: t.optional(t.string),
      all: t.boolean,
      nocheckpoint: t.optional(t.boolean),
    },
  }),
  /** All events of all jobs, the past (of inactive jobs with `full`) first. Names to allow, deny. */
  eventsJournal: method("job-manager.events-journal", {
    streaming: "optional",
    request: {
      full: t.optional(t.boolean),
      allow: t.optional(t.json),
      deny: t.optional(t.json),
    },
    response: journalEntry,
  }),
  eventsJournalCancel: method("job-manager.events-journal-cancel", {
    noResponse: true,
    request: { matchtag: t.int },
  }),
  /** Forget inactive jobs older than `age_limit` seconds, or beyond `num_limit`; -1: no limit. */
  purge: method("job-manager.purge", {
    request: { age_limit: t.real, num_limit: t.int, batch: t.int, force: t.boolean },
    response: { count: t.int },
  }),
  purgeId: method("job-manager.purge-id", {
    request: { id: t.jobId, force: t.int },
    response: { count: t.int },
  }),
  /** Load, remove or (`query_only`) list plugins. */
  jobtap: method("job-manager.jobtap", {
    request: {
      load: t.optional(t.string),
      conf: t.optional(t.json),
      remove: t.optional(t.string),
      query_only: t.optional(t.boolean),
    },
    response: { plugins: t.optional(t.array(t.string)) },
  }),
  jobtapQuery: method("job-manager.jobtap-query", {
    request: { name: t.string },
    response: anyBody,
  }),
  /** Python slice such as `[:10]` of the caller's jobs, newest first. */
  historyGet: method("job-manager.history.get", {
    roles: Role.User,
    request: { slice: t.string },
    response: { jobs: t.array(t.jobId) },
  }),
  postEvent: method("job-manager.post-event.post", {
    request: { id: t.jobId, name: t.string, context: t.optional(t.jsonObject) },
  }),
  /** RFC 27: the jobs that hold resources. */
  schedHello: method("job-manager.sched-hello", {
    streaming: "optional",
    request: { "partial-ok": t.optional(t.boolean) },
    response: {
      id: t.jobId,
      priority: t.int,
      userid: t.int,
      t_submit: t.real,
      free: t.optional(t.string),
    },
  }),
  /** RFC 27: the scheduler takes requests, at most `limit` at a time in mode `limited`. */
  schedReady: method("job-manager.sched-ready", {
    request: { mode: t.string, limit: t.optional(t.int) },
    response: { count: t.int },
  }),
  /** RFC 32: `SERVICE.start` starts jobs from now on. */
  execHello: method("job-manager.exec-hello", { request: { service: t.string } }),
  /** Signal the commands that run on the resources of ended jobs. */
  housekeepingKill: method("job-manager.housekeeping-kill", {
    request: { signum: t.int, jobid: t.optional(t.jobId), ranks: t.optional(t.string) },
  }),
  setBatchTimeout: method("job-manager.set-batch-timeout", { request: { timeout: t.number } }),
  disconnect: method("job-manager.disconnect", { noResponse: true }),
};
