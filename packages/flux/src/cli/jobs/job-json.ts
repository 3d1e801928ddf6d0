import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import { type FieldValue, Real } from "../output/format-value.ts";
import type { PythonValue } from "../output/python-json.ts";
import type { JobInfo } from "./job-info.ts";

const members = [
  "t_depend",
  "t_priority",
  "t_sched",
  "t_run",
  "t_cleanup",
  "t_inactive",
  "duration",
  "expiration",
  "name",
  "cwd",
  "queue",
  "project",
  "bank",
  "ntasks",
  "ncores",
  "nnodes",
  "priority",
  "ranks",
  "nodelist",
  "success",
  "result",
  "waitstatus",
  "id",
  "t_submit",
  "t_remaining",
  "state",
  "username",
  "userid",
  "urgency",
  "runtime",
  "status",
  "returncode",
] as const;

/** A job for `--json`: what is not known is left out. */
export function jobJson(job: JobInfo): { [key: string]: PythonValue | undefined } {
  const { listing } = job;
  const json: { [key: string]: PythonValue | undefined } = {};
  for (const name of members) {
    const value: FieldValue = name === "id" ? listing.id : job.field(name);
    const isUnset = value instanceof Real && value.value === 0 && name !== "duration";
    if (value !== "" && !isUnset) json[name] = value as PythonValue;
  }
  json.dependencies = listing.dependencies ?? [];
  json.jobid = job.f58;
  json.annotations = withoutUri(job.annotations) as PythonValue;
  json.exception = listing.exception_occurred
    ? {
        occurred: true,
        severity: listing.exception_severity ?? "",
        type: listing.exception_type ?? "",
        note: listing.exception_note ?? "",
      }
    : { occurred: false };
  if (job.uri !== undefined) json.uri = job.uri;
  return json;
}

/** The URI has a member of its own. */
function withoutUri(annotations: JsonObject): JsonObject {
  if (!isJsonObject(annotations.user) || annotations.user.uri === undefined) return annotations;
  const { uri: _uri, ...user } = annotations.user;
  const { user: _user, ...rest } = annotations;
  return Object.keys(user).length > 0 ? { ...rest, user } : rest;
}
