/**
 * Job constraints (RFC 31): a JSON object `{operator: [values]}` that says which execution targets
 * a job can run on. The operators are a parameter, so that other things than targets, such as jobs
 * in a listing, can be chosen by the same format.
 */
import { FluxError } from "../rpc/error.ts";
import { Hostlist } from "../text/hostlist.ts";
import { Idset } from "../text/idset.ts";

/** The JSON form of a constraint. */
export type ConstraintObject = { [operator: string]: (string | number | ConstraintObject)[] };

/** A checked constraint on things of one kind. */
export interface Constraint<T = ConstraintTarget> {
  matches(target: T): boolean;
}

/** What the operators of RFC 31 look at. */
export interface ConstraintTarget {
  readonly rank: number;
  readonly hostname: string;
  hasProperty(name: string): boolean;
}

/** Turns the values of an operator into a test. Throws EINVAL for values it cannot use. */
export type ConstraintOperator<T> = (values: readonly unknown[]) => (target: T) => boolean;
export type ConstraintOperators<T> = Readonly<Record<string, ConstraintOperator<T>>>;

type Test<T> = (target: T) => boolean;

/** Deepest nesting of constraints: more is a mistake or an attack. */
const MAX_DEPTH = 100;

/** Checks an RFC 31 constraint on execution targets. Throws EINVAL saying what is wrong. */
export function parseConstraint(value: unknown): Constraint {
  return compileConstraint(value, targetOperators);
}

/** Checks a constraint with these operators besides `and`, `or`, `not`. Throws EINVAL. */
export function compileConstraint<T>(
  value: unknown,
  operators: ConstraintOperators<T>,
): Constraint<T> {
  return { matches: compile(value, operators, 0) };
}

function compile<T>(value: unknown, operators: ConstraintOperators<T>, depth: number): Test<T> {
  if (depth > MAX_DEPTH) throw invalid("constraint is nested too deeply");
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid("constraint must be JSON object");
  }
  const [entry, another] = Object.entries(value);
  if (!entry) return () => true; // RFC 31: an empty object matches always
  if (another) throw invalid("constraint must only contain 1 element");
  const [operator, values] = entry;
  const conditional = operator === "and" || operator === "or" || operator === "not";
  if (!conditional && !Object.hasOwn(operators, operator)) {
    throw invalid(`unknown constraint operator: ${operator}`);
  }
  if (!Array.isArray(values)) throw invalid(`${operator} operator value must be an array`);
  if (!conditional) return operators[operator]!(values);
  const tests = values.map((nested) => compile(nested, operators, depth + 1));
  const all: Test<T> = (target) => tests.every((test) => test(target));
  if (operator === "and") return all;
  if (operator === "not") return (target) => !all(target);
  // RFC 31: no values match always
  return tests.length === 0 ? all : (target) => tests.some((test) => test(target));
}

const targetOperators: ConstraintOperators<ConstraintTarget> = {
  properties(values) {
    const tests = values.map(propertyTest);
    return (target) => tests.every((test) => test(target));
  },
  hostlist(values) {
    const hosts = new Set<string>();
    for (const value of values) {
      for (const host of parsed("hostlist", value, values, Hostlist.parse)) hosts.add(host);
    }
    return ({ hostname }) => hosts.has(hostname);
  },
  ranks(values) {
    const ranks = values
      .map((value) => parsed("idset", value, values, Idset.parse))
      .reduce((all, some) => all.union(some), new Idset());
    return ({ rank }) => ranks.has(rank);
  },
};

/** `^name` demands its absence. As in flux-core, a host's name counts as one of its properties. */
function propertyTest(value: unknown): Test<ConstraintTarget> {
  if (typeof value !== "string") throw invalid("non-string property specified");
  const forbidden = /[!&'"`|()]/.exec(value); // RFC 20
  if (forbidden) throw invalid(`invalid character '${forbidden[0]}' in property "${value}"`);
  const wanted = !value.startsWith("^");
  const name = wanted ? value : value.slice(1);
  return (target) => (target.hasProperty(name) || target.hostname === name) === wanted;
}

/** One value of a list, read by `parse`; errors show the list. */
function parsed<R>(
  kind: string,
  value: unknown,
  values: readonly unknown[],
  parse: (text: string) => R,
): R {
  try {
    if (typeof value === "string") return parse(value);
  } catch (cause) {
    if (!(cause instanceof FluxError)) throw cause;
  }
  const list = values.map((each) => (typeof each === "string" ? `"${each}"` : String(each)));
  throw invalid(`invalid ${kind} '${value}' in [${list.join(", ")}]`);
}

function invalid(text: string): FluxError {
  return new FluxError("EINVAL", text);
}
