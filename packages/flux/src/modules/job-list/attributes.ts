import { JobState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json } from "@flux-ts/protocol/schema/json";
import type { JobListing } from "@flux-ts/protocol/services/job-list";
import type { JobRecord } from "./job-record.ts";

type Name = Exclude<keyof JobListing, "id">;
type Values = { [K in Name]-?: (job: JobRecord) => JobListing[K] };

/** A time that has come. */
const time = (seconds: number): number | undefined => (seconds === 0 ? undefined : seconds);

/** Only of an inactive job. */
const atEnd =
  <T>(value: (job: JobRecord) => T) =>
  (job: JobRecord): T | undefined =>
    job.state === JobState.INACTIVE ? value(job) : undefined;

/** What a job's attributes are (RFC 43); undefined: it does not have one (yet). */
const values: Values = {
  userid: (job) => job.userid,
  urgency: (job) => job.urgency,
  priority: (job) => (job.states & JobState.SCHED ? job.priority : undefined),
  t_submit: (job) => job.tSubmit,
  t_depend: (job) => time(job.tDepend),
  t_priority: (job) => time(job.tPriority),
  t_sched: (job) => time(job.tSched),
  t_run: (job) => time(job.tRun),
  t_cleanup: (job) => time(job.tCleanup),
  t_inactive: (job) => time(job.tInactive),
  state: (job) => job.state,
  name: (job) => job.name,
  cwd: (job) => job.cwd,
  queue: (job) => job.queue,
  project: (job) => job.project,
  bank: (job) => job.bank,
  ntasks: (job) => job.ntasks,
  ncores: (job) => job.ncores,
  duration: (job) => job.duration,
  nnodes: (job) => job.nnodes,
  ranks: (job) => job.ranks,
  nodelist: (job) => job.nodelist,
  success: atEnd((job) => job.success),
  exception_occurred: atEnd((job) => job.exception !== undefined),
  exception_type: atEnd((job) => job.exception?.type),
  exception_severity: atEnd((job) => job.exception?.severity),
  exception_note: atEnd((job) => job.exception?.note),
  result: atEnd((job) => job.result),
  expiration: (job) => job.expiration,
  annotations: (job) => job.annotations,
  waitstatus: (job) => job.waitStatus,
  dependencies: (job) => job.dependencies && [...job.dependencies],
};

/** Names that `attrs` of a request can have. */
export const attributeNames: readonly string[] = [...Object.keys(values), "all"];

export interface Attribute {
  readonly name: string;
  readonly of: (job: JobRecord) => unknown;
}

const all: readonly Attribute[] = Object.entries(values).map(([name, of]) => {
  return { name, of };
});

/** What `attrs` of a request names. EINVAL for a name that is none. */
export function selectAttributes(names: readonly Json[]): readonly Attribute[] {
  if (names.length === 1 && names[0] === "all") return all;
  return names.flatMap((name) => {
    if (typeof name !== "string") throw new FluxError("EINVAL", "attr has no string value");
    if (name === "all") return all;
    if (!Object.hasOwn(values, name)) {
      throw new FluxError("EINVAL", `${name} is not a valid attribute`);
    }
    return [{ name, of: values[name as Name] }];
  });
}

/** A job as responses show it: its id and the attributes that it has. */
export function listingOf(job: JobRecord, attributes: readonly Attribute[]): JobListing {
  const listing: Record<string, unknown> = { id: job.id };
  for (const { name, of } of attributes) {
    const value = of(job);
    if (value !== undefined) listing[name] = value;
  }
  return listing as unknown as JobListing;
}
