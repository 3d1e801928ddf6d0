import { JobState, VirtualState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json } from "@flux-ts/protocol/schema/json";
import { statesOf } from "./operators.ts";

/** Deepest nesting of constraints: more is a mistake or an attack. */
const maxDepth = 100;

const every = VirtualState.ACTIVE | JobState.INACTIVE;
const afterDepend = every & ~JobState.DEPEND;
const { RUN, CLEANUP, INACTIVE } = JobState;

/** What a constraint makes of each state: masks of those in which every job, or some job, matches. */
interface Reach {
  readonly always: number;
  readonly maybe: number;
}

/** States in which a job can be to match each operator. */
const reachOf: Readonly<Record<string, number>> = {
  userid: every,
  name: every,
  queue: every,
  hostlist: every,
  ranks: every,
  results: INACTIVE,
  t_submit: every,
  t_depend: every,
  t_priority: afterDepend,
  t_sched: afterDepend,
  t_run: RUN | CLEANUP | INACTIVE,
  t_cleanup: CLEANUP | INACTIVE,
  t_inactive: INACTIVE,
};

/**
 * The states of jobs that can match a constraint, as a mask: a query need not look at others. EINVAL
 * if the constraint is not made of operators and lists.
 */
export function reachableStates(constraint: Json): number {
  return reach(constraint, 0).maybe;
}

function reach(constraint: Json, depth: number): Reach {
  if (depth > maxDepth) throw invalid("constraint is nested too deeply");
  if (!isJsonObject(constraint)) throw invalid("constraint must be JSON object");
  const [entry, another] = Object.entries(constraint);
  if (another) throw invalid("constraint must only contain 1 element");
  if (!entry) return { always: every, maybe: every };
  const [operator, values] = entry;
  if (!Array.isArray(values)) throw invalid(`operator ${operator} values not an array`);
  switch (operator) {
    case "and":
      return intersection(values, depth);
    case "or":
      return values.length === 0 ? intersection(values, depth) : union(values, depth);
    case "not": {
      const { always, maybe } = intersection(values, depth);
      return { always: every & ~maybe, maybe: every & ~always };
    }
    case "states": {
      const mask = statesOf(values);
      return { always: mask, maybe: mask };
    }
  }
  if (!Object.hasOwn(reachOf, operator)) {
    throw invalid(`unknown constraint operator: ${operator}`);
  }
  return { always: 0, maybe: reachOf[operator]! };
}

function intersection(values: readonly Json[], depth: number): Reach {
  let [always, maybe]: [number, number] = [every, every];
  for (const value of values) {
    const inner = reach(value, depth + 1);
    always &= inner.always;
    maybe &= inner.maybe;
  }
  return { always, maybe };
}

function union(values: readonly Json[], depth: number): Reach {
  let [always, maybe] = [0, 0];
  for (const value of values) {
    const inner = reach(value, depth + 1);
    always |= inner.always;
    maybe |= inner.maybe;
  }
  return { always, maybe };
}

function invalid(text: string): FluxError {
  return new FluxError("EINVAL", text);
}
