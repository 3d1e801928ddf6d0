import { formatJobId, type JobId } from "@flux-ts/protocol/job/fluid";
import { val } from "@flux-ts/protocol/kvs/treeobj";
import { encodeUtf8 } from "@flux-ts/protocol/message/text";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  stringifyJson,
} from "@flux-ts/protocol/schema/json";
import type { SubmittedJob } from "@flux-ts/protocol/services/job-manager";
import type { Submission } from "./submission.ts";

/** A job that passed, with its id. */
export interface IngestedJob {
  readonly id: JobId;
  readonly submission: Submission;
  /** As the frobnicators left it. */
  readonly jobspec: JsonObject;
  /** Seconds since the epoch. */
  readonly tSubmit: number;
}

/** What goes into the KVS for a job before the job manager hears of it (RFC 16). */
export function kvsOperations({ id, submission, jobspec }: IngestedJob): Json[] {
  const directory = formatJobId(id, "kvs");
  const put = (name: string, text: string): Json => {
    return { key: `${directory}.${name}`, flags: 0, dirent: val(encodeUtf8(text)) as JsonObject };
  };
  return [put("J", submission.J), put("jobspec", stringifyJson(jobspec))];
}

/** What takes a refused job out of the KVS again. */
export function removal(id: JobId): Json {
  return { key: formatJobId(id, "kvs"), flags: 0, dirent: null };
}

export function announcement({ id, submission, jobspec, tSubmit }: IngestedJob): SubmittedJob {
  const { userid, urgency, flags } = submission;
  return { id, userid, urgency, t_submit: tSubmit, flags, jobspec };
}

/** The environment makes up most of a jobspec and only job shells need it: they find it in J. */
export function withoutEnvironment(jobspec: JsonObject): JsonObject {
  const { attributes } = jobspec;
  const system = isJsonObject(attributes) ? attributes.system : undefined;
  if (!isJsonObject(attributes) || !isJsonObject(system)) return jobspec;
  const { environment: _environment, ...rest } = system;
  return { ...jobspec, attributes: { ...attributes, system: rest } };
}
