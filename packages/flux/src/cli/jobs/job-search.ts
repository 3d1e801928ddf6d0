import type { Flux } from "@flux-ts/client/handle";
import type { JobListing } from "@flux-ts/protocol/services/job-list";
import { flag, int, list, type OptionValues, text } from "../option.ts";
import { CommandError } from "../usage-error.ts";
import { JobPattern } from "./job-pattern.ts";
import { filterOf, queryJobs, userOf } from "./job-query.ts";

/** Options of `flux pgrep` and `flux pkill` that choose jobs. */
export const searchOptions = {
  A: flag("-A", "Target all users"),
  user: text(
    "-u, --user=[USERNAME|UID]",
    'Limit output to specific username or userid (Specify "all" for all users)',
  ),
  filter: list("-f, --filter=STATE|RESULT", "List jobs with specific job state or result"),
  queue: list("-q, --queue=QUEUE,...", "Limit output to specific queue or queues", {
    separator: ",",
  }),
  count: int("-c, --count=N", "Limit output to the first N matches", { initial: 99_999 }),
  maxEntries: int("--max-entries=N", "Limit number of searched jobs to N entries (default: 1000)", {
    initial: 1000,
  }),
};

interface Search extends OptionValues<typeof searchOptions> {
  /** Inactive jobs, too. */
  readonly anyState: boolean;
  readonly ownUid: number;
}

/** Jobs that match the expressions. Throws CommandError with status 1 if there are none. */
export async function findJobs(
  flux: Flux,
  expressions: readonly string[],
  search: Search,
): Promise<JobListing[]> {
  const pattern = patternOf(expressions);
  const { filter, user, ownUid, queue, count, maxEntries } = search;
  const usual = ["pending", "running"];
  const states = search.anyState ? [...filter, ...usual, "inactive"] : filter;
  const found = await queryJobs(flux, {
    attrs: ["all"],
    filter: filterOf(states.length > 0 ? states : usual),
    userid: search.A ? undefined : user === undefined ? ownUid : userOf(user),
    maxEntries,
    queues: queue,
  });
  const matching = found.filter((job) => pattern.matches(job)).slice(0, Math.max(0, count));
  if (matching.length === 0) throw new CommandError("");
  return matching;
}

function patternOf(expressions: readonly string[]): JobPattern {
  try {
    return new JobPattern(expressions);
  } catch (error) {
    throw new CommandError(`expression error: ${(error as Error).message}`, 2);
  }
}
