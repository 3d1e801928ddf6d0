import { compileConstraint } from "@flux-ts/protocol/job/constraint";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { JobState, VirtualState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json } from "@flux-ts/protocol/schema/json";
import { Comparisons } from "./comparisons.ts";
import type { JobRecord } from "./job-record.ts";
import type { Jobs } from "./jobs.ts";
import { listOperators } from "./operators.ts";
import { reachableStates } from "./reachable-states.ts";

export interface Selection {
  /** RFC 31 with the operators of RFC 43. */
  readonly constraint: Json;
  /** Leave out jobs that were inactive by then. Seconds since the epoch. */
  readonly since: number;
  /** 0: all. */
  readonly maxEntries: number;
}

export interface SelectionLimits {
  readonly maxComparisons: number;
  readonly maxHosts: number;
}

/**
 * The jobs that a request selects, in the order of RFC 43: pending, running, inactive. EPROTO: the
 * constraint is none. EINVAL: it takes too long.
 */
export function selectJobs(
  { pending, running, inactive }: Jobs,
  { constraint, since, maxEntries }: Selection,
  { maxComparisons, maxHosts }: SelectionLimits,
): JobId[] {
  const comparisons = new Comparisons(maxComparisons);
  const { states, matches } = compiled(constraint, comparisons, maxHosts);
  const ids: JobId[] = [];
  const limit = maxEntries || Number.POSITIVE_INFINITY;
  const lists = [
    { list: pending, states: VirtualState.PENDING },
    { list: running, states: VirtualState.RUNNING },
    { list: inactive, states: JobState.INACTIVE },
  ];
  for (const part of lists) {
    if ((states & part.states) === 0) continue;
    for (const job of part.list) {
      // The latest come first, so that all others are older, too.
      if (job.tInactive > 0 && job.tInactive <= since) break;
      if (!matches(job)) continue;
      ids.push(job.id);
      if (ids.length >= limit) return ids;
    }
  }
  return ids;
}

function compiled(
  constraint: Json,
  comparisons: Comparisons,
  maxHosts: number,
): { states: number; matches: (job: JobRecord) => boolean } {
  try {
    const states = reachableStates(constraint);
    const isEmpty = Object.keys(constraint as object).length === 0;
    const test = compileConstraint(constraint, listOperators({ comparisons, maxHosts }));
    const matches = (job: JobRecord): boolean => {
      if (isEmpty) comparisons.add();
      return test.matches(job);
    };
    return { states, matches };
  } catch (cause) {
    if (!(cause instanceof FluxError)) throw cause;
    const text = `invalid payload: constraint object invalid: ${cause.message}`;
    throw new FluxError("EPROTO", text, { cause });
  }
}
