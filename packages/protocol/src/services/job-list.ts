import { Role } from "../message/credential.ts";
import { method } from "../rpc/method.ts";
import { type ObjectOf, t } from "../schema/schema.ts";

/** A job as job-list shows it (RFC 43). Members that are not known (yet) or not asked for are missing. */
export const jobListing = {
  id: t.jobId,
  userid: t.optional(t.int),
  urgency: t.optional(t.int),
  priority: t.optional(t.int),
  t_submit: t.optional(t.real),
  t_depend: t.optional(t.real),
  t_priority: t.optional(t.real),
  t_sched: t.optional(t.real),
  t_run: t.optional(t.real),
  t_cleanup: t.optional(t.real),
  t_inactive: t.optional(t.real),
  state: t.optional(t.int),
  name: t.optional(t.string),
  cwd: t.optional(t.string),
  queue: t.optional(t.string),
  project: t.optional(t.string),
  bank: t.optional(t.string),
  ntasks: t.optional(t.int),
  ncores: t.optional(t.int),
  duration: t.optional(t.real),
  nnodes: t.optional(t.int),
  ranks: t.optional(t.string),
  nodelist: t.optional(t.string),
  success: t.optional(t.boolean),
  exception_occurred: t.optional(t.boolean),
  exception_type: t.optional(t.string),
  exception_severity: t.optional(t.int),
  exception_note: t.optional(t.string),
  result: t.optional(t.int),
  expiration: t.optional(t.real),
  annotations: t.optional(t.jsonObject),
  waitstatus: t.optional(t.int),
  dependencies: t.optional(t.array(t.string)),
};
export type JobListing = ObjectOf<typeof jobListing>;

/** Names of the attributes of a job, all but `id`. */
export const jobAttributes = Object.keys(jobListing).filter((name) => name !== "id");

/** Numbers of jobs by state and result. */
const counts = {
  job_states: t.record(t.int),
  successful: t.int,
  failed: t.int,
  canceled: t.int,
  timeout: t.int,
  inactive_purged: t.int,
};

/** The jobs of an instance, for people and tools (RFC 43). Rank 0. */
export const jobList = {
  /**
   * Jobs that match the constraint (RFC 31 form): pending ones by priority, then running, then
   * inactive ones, latest first. `max_entries` 0: all. With streaming, one or more jobs a response.
   */
  list: method("job-list.list", {
    roles: Role.User,
    streaming: "optional",
    request: {
      max_entries: t.int,
      attrs: t.array(t.string),
      since: t.optional(t.number),
      constraint: t.optional(t.jsonObject),
    },
    response: { jobs: t.array(t.object(jobListing)), version: t.optional(t.int) },
  }),
  /** One job; with `state`, once it has reached that. ENOENT: no such job. */
  listId: method("job-list.list-id", {
    roles: Role.User,
    request: { id: t.jobId, attrs: t.array(t.string), state: t.optional(t.int) },
    response: { job: t.object(jobListing) },
  }),
  listAttrs: method("job-list.list-attrs", {
    roles: Role.User,
    response: { attrs: t.array(t.string) },
  }),
  /** Streaming: again at each change. */
  jobStats: method("job-list.job-stats", {
    roles: Role.User,
    streaming: "optional",
    response: {
      ...counts,
      queues: t.optional(t.array(t.object({ ...counts, name: t.string }))),
    },
  }),
  statsGet: method("job-list.stats-get", {
    roles: Role.User,
    response: {
      jobs: t.object({ pending: t.int, running: t.int, inactive: t.int }),
      idsync: t.optional(t.object({ lookups: t.int, waits: t.int })),
      stats_watchers: t.optional(t.int),
    },
  }),
  jobStatePause: method("job-list.job-state-pause", { roles: Role.User }),
  jobStateUnpause: method("job-list.job-state-unpause", { roles: Role.User }),
  disconnect: method("job-list.disconnect", { roles: Role.User, noResponse: true }),
};
