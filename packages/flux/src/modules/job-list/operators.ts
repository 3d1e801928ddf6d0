import type { ConstraintOperator, ConstraintOperators } from "@flux-ts/protocol/job/constraint";
import { JobState, parseResult, parseState, VirtualState } from "@flux-ts/protocol/job/states";
import { useridUnknown } from "@flux-ts/protocol/message/message";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { Comparisons } from "./comparisons.ts";
import type { JobRecord } from "./job-record.ts";
import { timeTest } from "./time-test.ts";

const stateMask = JobState.NEW | VirtualState.ACTIVE | JobState.INACTIVE;
const resultMask = 15;

type Operator = ConstraintOperator<JobRecord>;

export interface OperatorLimits {
  readonly comparisons: Comparisons;
  /** Most hosts, or ranks, that a condition can name. */
  readonly maxHosts: number;
}

/** The constraint operators of job listings (RFC 43). A job that lacks what they look at does not match. */
export function listOperators(limits: OperatorLimits): ConstraintOperators<JobRecord> {
  const { comparisons } = limits;
  const times: [string, (job: JobRecord) => number][] = [
    ["t_submit", (job) => job.tSubmit],
    ["t_depend", (job) => job.tDepend],
    ["t_priority", (job) => job.tPriority],
    ["t_sched", (job) => job.tSched],
    ["t_run", (job) => job.tRun],
    ["t_cleanup", (job) => job.tCleanup],
    ["t_inactive", (job) => job.tInactive],
  ];
  return {
    userid(values) {
      const userids = values.map((value) => {
        if (!Number.isInteger(value)) throw invalid("userid value must be an integer");
        return (value as number) >>> 0;
      });
      return anyOf(userids, comparisons, (userid, job) => {
        return userid === useridUnknown || userid === job.userid;
      });
    },
    name: (values) => {
      return anyOf(strings("name", values), comparisons, (name, job) => name === job.name);
    },
    queue: (values) => {
      return anyOf(strings("queue", values), comparisons, (queue, job) => queue === job.queue);
    },
    states(values) {
      const mask = statesOf(values);
      return counted(comparisons, (job) => (job.state & mask) !== 0);
    },
    results(values) {
      const mask = maskOf("results", values, resultMask, parseResult);
      return counted(comparisons, ({ result = 0 }) => (result & mask) !== 0);
    },
    hostlist: (values) => onHosts(values, limits),
    ranks: (values) => onRanks(values, limits),
    ...Object.fromEntries(
      times.map(([name, timeOf]): [string, Operator] => [
        name,
        (values) => {
          const test = timeTest(name, values);
          return counted(comparisons, (job) => timeOf(job) > 0 && test(timeOf(job)));
        },
      ]),
    ),
  };
}

/** The states that a `states` condition names, as a mask. EINVAL. */
export function statesOf(values: readonly unknown[]): number {
  return maskOf("states", values, stateMask, parseState);
}

function maskOf(
  operator: string,
  values: readonly unknown[],
  valid: number,
  parse: (name: string) => number,
): number {
  let mask = 0;
  for (const value of values) {
    if (typeof value === "string") {
      mask |= parsed(() => parse(value), `invalid ${operator} value '${value}' specified`);
    } else if (Number.isInteger(value)) {
      const bits = value as number;
      if (bits & ~valid) {
        const hex = (bits >>> 0).toString(16).toUpperCase();
        throw invalid(`invalid ${operator} value '${hex}h' specified`);
      }
      mask |= bits;
    } else {
      throw invalid(`${operator} value invalid type`);
    }
  }
  return mask;
}

/** RFC 29 hosts, one of which a job was given. */
function onHosts(
  values: readonly unknown[],
  { comparisons, maxHosts }: OperatorLimits,
): (job: JobRecord) => boolean {
  const wanted = new Hostlist();
  for (const value of values) {
    if (typeof value !== "string") throw invalid("host value must be a string");
    const text = "host value not in valid Hostlist format";
    const hosts = parsed(() => Hostlist.parse(value), text);
    if (hosts.size === 0) throw invalid(text);
    if (wanted.size + hosts.size > maxHosts) throw invalid("too many hosts specified");
    for (const host of hosts) wanted.push(host);
  }
  return overlapping(
    (job) => job.nodelist,
    comparisons,
    (nodelist) => {
      const hosts = new Set(Hostlist.parse(nodelist));
      let count = 0;
      for (const host of wanted) {
        count++;
        if (hosts.has(host)) return { matches: true, count };
      }
      return { matches: false, count };
    },
  );
}

/** RFC 22 ranks, one of which a job was given. */
function onRanks(
  values: readonly unknown[],
  { comparisons, maxHosts }: OperatorLimits,
): (job: JobRecord) => boolean {
  let wanted = new Idset();
  for (const value of values) {
    if (typeof value !== "string") throw invalid("ranks value must be a string");
    wanted = wanted.union(parsed(() => Idset.parse(value), `ranks value '${value}': `, true));
  }
  if (wanted.size > maxHosts) throw invalid("too many ranks specified");
  return overlapping(
    (job) => job.ranks,
    comparisons,
    (text) => {
      const ranks = Idset.parse(text);
      const count = Math.min(ranks.size, wanted.size);
      return { matches: !ranks.intersect(wanted).isEmpty, count };
    },
  );
}

/** A test of a text that many jobs have in common: each is looked at once, and counted each time. */
function overlapping(
  textOf: (job: JobRecord) => string | undefined,
  comparisons: Comparisons,
  compare: (text: string) => { matches: boolean; count: number },
): (job: JobRecord) => boolean {
  const known = new Map<string, { matches: boolean; count: number }>();
  return (job) => {
    const text = textOf(job);
    if (text === undefined) return false;
    let result = known.get(text);
    if (!result) {
      result = compare(text);
      known.set(text, result);
    }
    comparisons.add(result.count);
    return result.matches;
  };
}

function anyOf<V>(
  values: readonly V[],
  comparisons: Comparisons,
  matches: (value: V, job: JobRecord) => boolean,
): (job: JobRecord) => boolean {
  return (job) => {
    for (const value of values) {
      comparisons.add();
      if (matches(value, job)) return true;
    }
    return false;
  };
}

function counted(
  comparisons: Comparisons,
  test: (job: JobRecord) => boolean,
): (job: JobRecord) => boolean {
  return (job) => {
    comparisons.add();
    return test(job);
  };
}

function strings(operator: string, values: readonly unknown[]): string[] {
  return values.map((value) => {
    if (typeof value !== "string") throw invalid(`${operator} value must be a string`);
    return value;
  });
}

/** The result, or EINVAL with this text, which the parser's own text can follow. */
function parsed<T>(parse: () => T, text: string, withCause = false): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof FluxError)) throw cause;
    throw new FluxError("EINVAL", withCause ? text + cause.message : text, { cause });
  }
}

function invalid(text: string): FluxError {
  return new FluxError("EINVAL", text);
}
