import { JobState, VirtualState } from "@flux-ts/protocol/job/states";
import { useridUnknown } from "@flux-ts/protocol/message/message";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";
import type { Selection } from "./select-jobs.ts";

/**
 * Requests are checked here rather than by their declaration: clients know the texts of these errors,
 * and older clients send conditions in members of their own.
 */

export interface ListRequest extends Selection {
  readonly attrs: readonly Json[];
}

/** A `job-list.list` request. EPROTO. */
export function parseListRequest(request: JsonObject): ListRequest {
  const maxEntries = integerAt(request, "max_entries");
  const attrs = memberAt(request, "attrs");
  const { since = 0 } = request;
  if (typeof since !== "number") throw invalid(`Expected real or integer, got ${kindOf(since)}`);
  const { constraint = constraintOf(request) } = request;
  if (maxEntries < 0) throw invalid("max_entries < 0 not allowed");
  if (since < 0) throw invalid("since < 0.0 not allowed");
  return { maxEntries, since, constraint, attrs: arrayOf(attrs) };
}

export interface ListIdRequest {
  readonly id: bigint;
  readonly attrs: readonly Json[];
  /** Mask of states, one of which the job has to reach before it is shown; 0: any. */
  readonly states: number;
}

/** A `job-list.list-id` request. EPROTO. */
export function parseListIdRequest(request: JsonObject): ListIdRequest {
  const { id } = request;
  if (typeof id !== "bigint") integerAt(request, "id");
  const attrs = arrayOf(memberAt(request, "attrs"));
  const states = request.state === undefined ? 0 : integerAt(request, "state");
  if (states & ~(VirtualState.ACTIVE | JobState.INACTIVE)) {
    throw invalid("invalid state specified");
  }
  return { id: BigInt(id as bigint | number), attrs, states };
}

/** A constraint only of jobs of one user, for those who are to see no others. */
export function ofUser(constraint: Json, userid: number): Json {
  return { and: [constraint, { userid: [userid] }] };
}

/** What clients before RFC 43 constraints say in members; 0 is no condition there. */
function constraintOf({ userid, states, results, name, queue }: JsonObject): Json {
  const isLegacy = [userid, states, results].every((value) => Number.isInteger(value));
  if (!isLegacy) return {};
  const conditions: Json[] = [];
  if ((userid as number) >>> 0 !== useridUnknown) conditions.push({ userid: [userid as Json] });
  if (typeof name === "string") conditions.push({ name: [name] });
  if (typeof queue === "string") conditions.push({ queue: [queue] });
  if (states) conditions.push({ states: [states] });
  if (results) conditions.push({ results: [results] });
  return { and: conditions };
}

function memberAt(request: JsonObject, key: string): Json {
  const value = request[key];
  if (value === undefined) throw invalid(`Object item not found: ${key}`);
  return value;
}

function integerAt(request: JsonObject, key: string): number {
  const value = memberAt(request, key);
  if (!Number.isSafeInteger(value)) throw invalid(`Expected integer, got ${kindOf(value)}`);
  return value as number;
}

function arrayOf(attrs: Json): readonly Json[] {
  if (!Array.isArray(attrs)) throw invalid("attrs must be an array");
  return attrs;
}

/** What C clients call a JSON value of this kind. */
export function kindOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "real";
  return typeof value === "bigint"
    ? "integer"
    : typeof value === "boolean"
      ? `${value}`
      : typeof value;
}

function invalid(text: string): FluxError {
  return new FluxError("EPROTO", `invalid payload: ${text}`);
}
