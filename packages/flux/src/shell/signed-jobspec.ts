import type { Jobspec } from "@flux-ts/protocol/job/jobspec";
import { parseSigned } from "@flux-ts/protocol/job/sign";
import { decodeUtf8 } from "@flux-ts/protocol/message/text";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, parseJson } from "@flux-ts/protocol/schema/json";

/** Jobspecs to remember: jobs that are submitted together often are copies of one. */
const maxRemembered = 32;

/** Variables of a jobspec's environment; not to be changed. */
export type Environment = Readonly<Record<string, string>>;

export interface SubmittedJob {
  /** Not to be changed: jobs share it. */
  readonly jobspec: Jobspec;
  /** Equal environments are the same object, so that they are prepared for execution once. */
  readonly environment: Environment;
}

/**
 * Opens signed requests (RFC 39), which alone hold the environment of a job. Who signed has been
 * checked when the job was accepted.
 */
export class SignedJobspecs {
  readonly #jobs = new Map<string, SubmittedJob>();
  readonly #environments = new Map<string, Environment>();

  /** EINVAL if the request is malformed, EPROTO if it holds no jobspec. */
  open(signed: string): SubmittedJob {
    const known = this.#jobs.get(signed);
    if (known) return known;
    const jobspec = jobspecOf(parseSigned(signed).payload);
    const job = { jobspec, environment: this.#shared(jobspec) };
    remember(this.#jobs, signed, job);
    return job;
  }

  #shared({ attributes }: Jobspec): Environment {
    const given = attributes.system?.environment ?? {};
    const text = JSON.stringify(given);
    let environment = this.#environments.get(text);
    if (!environment) {
      environment = environmentOf(given);
      remember(this.#environments, text, environment);
    }
    return environment;
  }
}

function remember<T>(cache: Map<string, T>, key: string, value: T): void {
  if (cache.size >= maxRemembered) cache.delete(cache.keys().next().value!);
  cache.set(key, value);
}

function jobspecOf(payload: Uint8Array): Jobspec {
  let value: unknown;
  try {
    value = parseJson(decodeUtf8(payload));
  } catch (cause) {
    throw new FluxError("EPROTO", "the signed request holds no JSON", { cause });
  }
  return checkJobspec(value);
}

/** What the shell relies on; the job was validated when it was submitted. */
function checkJobspec(value: unknown): Jobspec {
  const jobspec = value as Jobspec;
  const isJob =
    isJsonObject(jobspec) &&
    Array.isArray(jobspec.resources) &&
    Array.isArray(jobspec.tasks) &&
    Array.isArray(jobspec.tasks[0]?.command) &&
    isJsonObject(jobspec.attributes);
  if (!isJob) throw new FluxError("EPROTO", "the signed request holds no jobspec");
  return jobspec;
}

/** FLUX_PROXY_REMOTE says how the submitter reached this instance: tasks are in it. */
function environmentOf(given: Readonly<Record<string, unknown>>): Environment {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === "string" && name !== "FLUX_PROXY_REMOTE") environment[name] = value;
  }
  return environment;
}
