import { type SignedRequest, unwrapNone } from "@flux-ts/protocol/job/sign";
import { isUrgency, Urgency } from "@flux-ts/protocol/job/urgency";
import { type Credential, isOwner } from "@flux-ts/protocol/message/credential";
import { decodeUtf8 } from "@flux-ts/protocol/message/text";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { RequestOf } from "@flux-ts/protocol/rpc/method";
import { isJsonObject, type Json, type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import { JobFlag, type jobIngest } from "@flux-ts/protocol/services/job-ingest";

/** A job that was handed in and is being looked at. */
export interface Submission {
  readonly J: string;
  readonly jobspec: JsonObject;
  readonly userid: number;
  readonly rolemask: number;
  readonly urgency: number;
  readonly flags: number;
}

interface SubmissionRules {
  readonly owner: number;
  /** For tests: take jobs of root although nothing can run them. */
  readonly allowRoot: boolean;
}

const allowedFlags = JobFlag.Debug | JobFlag.Waitable | JobFlag.NoValidate;

/** A request as a submission. Throws EPROTO, EPERM or EINVAL with the text users know. */
export function checkSubmission(
  { J, urgency, flags }: RequestOf<(typeof jobIngest)["submit"]>,
  cred: Credential,
  rules: SubmissionRules,
): Submission {
  if (flags & ~allowedFlags) throw new FluxError("EPROTO", "invalid job flags");
  const { userid, rolemask } = cred;
  if (!isOwner(cred) && flags & JobFlag.NoValidate) {
    const text = "only the instance owner can submit with FLUX_JOB_NOVALIDATE";
    throw new FluxError("EPERM", text);
  }
  if (!isUrgency(urgency)) {
    throw refuse(`urgency range is [${Urgency.MIN}:${Urgency.MAX}]`);
  }
  if (!isOwner(cred)) checkGuest(urgency, flags);
  const signed = unwrap(J);
  if (signed.userid !== userid) {
    throw new FluxError("EPERM", `signer=${signed.userid} != requestor=${userid}`);
  }
  if (!isOwner(cred) && signed.mechanism === "none") {
    throw new FluxError("EPERM", "only instance owner can use sign-type=none");
  }
  const jobspec = parseJobspec(signed.payload);
  if (rules.owner !== 0 && !rules.allowRoot && userid === 0) {
    throw refuse("submission of jobs as user root not supported");
  }
  return { J, jobspec, userid, rolemask, urgency, flags };
}

function checkGuest(urgency: number, flags: number): void {
  if (urgency > Urgency.GUEST_MAX) {
    throw refuse(`only the instance owner can submit with urgency >${Urgency.GUEST_MAX}`);
  }
  if (flags & JobFlag.Waitable) {
    throw refuse("only the instance owner can submit with FLUX_JOB_WAITABLE");
  }
}

function unwrap(J: string): SignedRequest {
  try {
    return unwrapNone(J);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FluxError("EINVAL", `could not unwrap jobspec: ${why}`, { cause });
  }
}

function parseJobspec(payload: Uint8Array): JsonObject {
  let value: Json;
  try {
    value = parseJson(decodeUtf8(payload));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FluxError("EINVAL", `jobspec: invalid JSON: ${why}`, { cause });
  }
  if (!isJsonObject(value)) throw refuse("jobspec: invalid JSON: not an object");
  return value;
}

const refuse = (text: string): FluxError => new FluxError("EINVAL", text);
