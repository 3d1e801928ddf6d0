import type { Flux } from "@flux-ts/client/handle";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { type JobFilter, parseJobFilter } from "@flux-ts/protocol/job/states";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { type JobListing, jobList } from "@flux-ts/protocol/services/job-list";
import { CommandError } from "../usage-error.ts";
import { userId } from "../users.ts";

/** User id that means everybody. */
export const anyUser = 4294967295;

export interface JobQuery {
  readonly attrs: readonly string[];
  /** States or results; none means all jobs. */
  readonly filter: JobFilter;
  /** Undefined: everybody's. */
  readonly userid: number | undefined;
  readonly maxEntries: number;
  /** Only jobs that were active after this time. */
  readonly since?: number;
  readonly name?: string | undefined;
  readonly queues?: readonly string[];
  /** Further condition (RFC 43). */
  readonly constraint?: JsonObject | undefined;
}

/** Jobs that match, in the order of job-list. */
export async function queryJobs(flux: Flux, query: JobQuery): Promise<JobListing[]> {
  const request = {
    max_entries: query.maxEntries,
    attrs: [...query.attrs],
    since: query.since ?? 0,
    constraint: constraintOf(query),
  };
  const jobs: JobListing[] = [];
  let version = 0;
  for await (const response of flux.stream(jobList.list, request)) {
    jobs.push(...response.jobs);
    // Older instances answer once, and do not say that they stream.
    version = response.version ?? version;
    if (version === 0) break;
  }
  return jobs;
}

function constraintOf(query: JobQuery): JsonObject {
  const { filter, userid, name, queues = [], constraint } = query;
  const and: JsonObject[] = [];
  if (constraint) and.push(constraint);
  if (userid !== undefined && userid !== anyUser) and.push({ userid: [userid] });
  if (name) and.push({ name: [name] });
  if (queues.length > 0) and.push({ queue: [...queues] });
  const states = { states: [filter.states] };
  const results = { results: [filter.results] };
  if (filter.states && filter.results) and.push({ or: [states, results] });
  else if (filter.states) and.push(states);
  else if (filter.results) and.push(results);
  return { and };
}

/** Jobs by id; what could not be found is told as text. */
export async function jobsById(
  flux: Flux,
  ids: readonly { readonly text: string; readonly id: JobId }[],
  attrs: readonly string[],
): Promise<{ jobs: JobListing[]; errors: string[] }> {
  const jobs: JobListing[] = [];
  const errors: string[] = [];
  const answers = await Promise.allSettled(
    ids.map(({ id }) => flux.call(jobList.listId, { id, attrs: [...attrs] })),
  );
  for (const [i, answer] of answers.entries()) {
    if (answer.status === "fulfilled") jobs.push(answer.value.job);
    else if (isErrno(answer.reason, "ENOENT")) errors.push(`JobID ${ids[i]!.text} unknown`);
    else if (answer.reason instanceof FluxError) errors.push(`rpc: ${answer.reason.message}`);
    else throw answer.reason;
  }
  return { jobs, errors };
}

/** A mask of states and results from `--filter` lists. */
export function filterOf(lists: readonly string[]): JobFilter {
  let filter: JobFilter = { states: 0, results: 0 };
  for (const word of lists.flatMap((list) => list.split(","))) {
    try {
      const { states, results } = parseJobFilter(word);
      filter = { states: filter.states | states, results: filter.results | results };
    } catch {
      throw new CommandError(`Invalid filter specified: ${word.toLowerCase()}`);
    }
  }
  return filter;
}

/** A user's id from a name, a number, or `all`. */
export function userOf(given: string): number | undefined {
  if (given === "all") return undefined;
  const found = userId(given);
  if (found !== undefined) return found;
  if (/^\s*[-+]?\d+\s*$/.test(given)) return Number(given);
  throw new CommandError(`Invalid user ${given} specified`);
}
