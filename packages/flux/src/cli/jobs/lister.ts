import type { Flux } from "@flux-ts/client/handle";
import { type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import type { JobListing } from "@flux-ts/protocol/services/job-list";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { Context } from "../command.ts";
import { parseDateTime } from "../datetime.ts";
import { CommandError } from "../usage-error.ts";
import { InstanceInfo } from "./instance-info.ts";
import { attributesOf } from "./job-fields.ts";
import type { JobFormat } from "./job-format.ts";
import { JobInfo, type ListingContext } from "./job-info.ts";
import { filterOf, type JobQuery, queryJobs, userOf } from "./job-query.ts";
import type { JobsOptions } from "./jobs-options.ts";
import { listingContext } from "./listing-context.ts";

/** What a run of `flux jobs` gets. */
export type JobsContext = Context<JobsOptions, { jobids: readonly string[] }>;

/** Gets jobs as the options ask for them. */
export class Lister {
  readonly #context: JobsContext;
  readonly #listing: ListingContext;
  readonly #needsInstances: boolean;
  readonly attrs: readonly string[];

  constructor(context: JobsContext, { format }: JobFormat, needsMore: boolean) {
    this.#context = context;
    this.#listing = listingContext(context.env);
    const { fields } = format;
    this.#needsInstances = fields.some((field) => field.startsWith("instance."));
    const attrs = attributesOf(fields);
    if (needsMore) for (const each of ["result", "annotations", "state", "userid"]) attrs.add(each);
    if (context.options.json) attrs.add("all");
    this.attrs = [...attrs];
  }

  async fetch(flux: Flux): Promise<{ jobs: JobInfo[]; isTruncated: boolean }> {
    const { count } = this.#context.options;
    const found = await queryJobs(flux, this.#query());
    const isTruncated = count > 0 && found.length > count;
    if (isTruncated) found.pop();
    return { jobs: await this.infos(found), isTruncated };
  }

  async infos(listings: readonly JobListing[]): Promise<JobInfo[]> {
    const jobs = listings.map((listing) => new JobInfo(listing, this.#listing));
    if (!this.#needsInstances) return jobs;
    await Promise.all(
      jobs.map(async (job) => {
        if (job.isRunning && job.uri !== undefined) job.instance = await InstanceInfo.of(job.uri);
      }),
    );
    return jobs;
  }

  /** Jobs as lines of JSON, for tests. */
  async fromInput(): Promise<JobInfo[]> {
    const jobs: JobInfo[] = [];
    for await (const line of this.#context.stdin.lines()) {
      try {
        jobs.push(new JobInfo(parseJson(line) as unknown as JobListing, this.#listing));
      } catch (error) {
        throw new CommandError(
          `JSON input error: line ${jobs.length + 1}: ${(error as Error).message}`,
        );
      }
    }
    return jobs;
  }

  #query(): JobQuery {
    const { options, system, warn } = this.#context;
    const isAll = options.a || (options.since !== undefined && options.filter.length === 0);
    if (isAll && options.filter.length > 0) {
      warn("Both -a and --filter specified, ignoring -a");
    }
    const usual = isAll ? ["pending", "running", "inactive"] : ["pending", "running"];
    const { user, include, count } = options;
    const isEverybody = options.A || (include !== undefined && user === undefined);
    return {
      attrs: this.attrs,
      filter: filterOf(options.filter.length > 0 ? options.filter : usual),
      userid: isEverybody ? undefined : user === undefined ? system.uid : userOf(user),
      // One more, to see whether there are more.
      maxEntries: count > 0 ? count + 1 : count,
      since: sinceOf(options.since, this.#listing.now),
      name: options.name,
      queues: options.queue,
      constraint: include === undefined ? undefined : included(include),
    };
  }
}

function sinceOf(given: string | undefined, now: number): number {
  if (given === undefined || given === "") return 0;
  const seconds = parseDateTime(given, now) ?? Number(given);
  if (Number.isNaN(seconds)) {
    throw new CommandError(`could not convert string to float: '${given}'`);
  }
  if (seconds > now) throw new CommandError(`--since=${given} appears to be in the future`);
  return seconds;
}

function included(given: string): JsonObject {
  try {
    return { ranks: [Idset.parse(given).encode()] };
  } catch {
    // Not ranks, then.
  }
  try {
    return { hostlist: [Hostlist.parse(given).toString()] };
  } catch {
    throw new CommandError(`-i/--include: invalid targets: ${given}`);
  }
}
