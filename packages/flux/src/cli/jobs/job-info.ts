import { toLocal } from "@flux-ts/client/resolve-uri";
import { formatJobId, type JobIdForm, jobIdForms } from "@flux-ts/protocol/job/fluid";
import { signalText } from "@flux-ts/protocol/job/signal";
import {
  JobResult,
  JobState,
  resultEmoji,
  resultName,
  resultShort,
  stateEmoji,
  stateName,
  stateShort,
  VirtualState,
} from "@flux-ts/protocol/job/states";
import { exitCodeOf, signalOf } from "@flux-ts/protocol/job/wait-status";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import type { JobListing } from "@flux-ts/protocol/services/job-list";
import { formatDurationShort } from "@flux-ts/protocol/text/duration";
import { type FieldValue, NamedNumber, Real, textOf } from "../output/format-value.ts";
import { pythonJson } from "../output/python-json.ts";
import { strftime } from "../output/strftime.ts";
import type { InstanceInfo } from "./instance-info.ts";

/** What a listing needs besides the job. */
export interface ListingContext {
  /** Seconds since the epoch. */
  readonly now: number;
  userName(uid: number): string;
  f58(id: JobListing["id"]): string;
  /** Show instances as somebody on their host reaches them. */
  readonly localUris: boolean;
}

const real = (value: number | undefined): Real => new Real(value ?? 0);

/** A job as `flux jobs` shows it: what job-list says and what follows from that. */
export class JobInfo {
  readonly listing: JobListing;
  readonly #context: ListingContext;
  /** Of a job that is a Flux instance, if it was asked. */
  instance: InstanceInfo | undefined;

  constructor(listing: JobListing, context: ListingContext) {
    this.listing = listing;
    this.#context = context;
  }

  /** Value of a field; empty for what is not known. */
  field(name: string): FieldValue {
    const { listing } = this;
    switch (name) {
      case "id":
        return new NamedNumber(listing.id, this.f58);
      case "username":
        return listing.userid === undefined ? "" : this.#context.userName(listing.userid);
      case "state":
        return stateName(this.#state);
      case "state_single":
        return stateShort(this.#state);
      case "state_emoji":
        return stateEmoji(this.#state);
      case "result":
        return this.result;
      case "result_abbrev":
        return listing.result === undefined ? "" : resultShort(listing.result);
      case "result_emoji":
        return listing.result === undefined ? "\u3000" : resultEmoji(listing.result);
      case "status":
        return this.status;
      case "status_abbrev":
        return this.#isInactive ? this.field("result_abbrev") : stateShort(this.#state);
      case "status_emoji":
        return this.#isInactive ? this.field("result_emoji") : stateEmoji(this.#state);
      case "returncode":
        return this.returnCode ?? "";
      case "runtime":
        return new Real(this.#runtime);
      case "t_remaining":
        return new Real(this.#remaining);
      case "contextual_info":
        return this.#info;
      case "contextual_time":
        return this.#isPending ? real(listing.duration) : new Real(this.#runtime);
      case "inactive_reason":
        return this.#inactiveReason;
      case "dependencies":
        return this.#dependencies;
      case "uri":
        return this.uri ?? null;
      case "uri.local":
        return this.uri === undefined ? "" : toLocal(this.uri);
      default:
        return this.#otherField(name);
    }
  }

  #otherField(name: string): FieldValue {
    const [first = "", ...rest] = name.split(".");
    switch (first) {
      case "id": {
        const form = rest[0] as JobIdForm;
        if (form === "f58") return this.f58;
        return jobIdForms.includes(form) ? formatJobId(this.listing.id, form) : "";
      }
      case "exception":
        return plain(this.listing[`exception_${rest[0]}` as keyof JobListing] as Json);
      case "annotations":
        return shownAnnotation(memberOf(this.annotations, rest));
      case "sched":
      case "user":
        return shownAnnotation(memberOf(this.annotations, [first, ...rest]));
      case "instance":
        return this.instance?.field(rest) ?? "";
      default:
        return this.#attribute(name);
    }
  }

  #attribute(name: string): FieldValue {
    const value = this.listing[name as keyof JobListing] as Json | undefined;
    const isReal = name.startsWith("t_") || name === "duration" || name === "expiration";
    return isReal ? real(value as number | undefined) : plain(value);
  }

  /** The id as people write it. */
  get f58(): string {
    return this.#context.f58(this.listing.id);
  }

  get result(): string {
    return this.listing.result === undefined ? "" : resultName(this.listing.result);
  }

  get status(): string {
    return this.#isInactive ? this.result : stateName(this.#state);
  }

  get annotations(): JsonObject {
    return this.listing.annotations ?? {};
  }

  /** Where the instance is that the job is, if it is one. */
  get uri(): string | undefined {
    const uri = memberOf(this.annotations, ["user", "uri"]);
    if (typeof uri !== "string" || uri === "") return undefined;
    return this.#context.localUris ? toLocal(uri) : uri;
  }

  get isRunning(): boolean {
    return this.#state === JobState.RUN;
  }

  /** Shell exit code, negative signal number, -128 cancelled before the start, 1 failed before it. */
  get returnCode(): number | undefined {
    const { waitstatus, result } = this.listing;
    if (waitstatus === undefined) {
      if (result === JobResult.CANCELED) return -128;
      return result === JobResult.FAILED ? 1 : undefined;
    }
    const signum = signalOf(waitstatus);
    return signum ? -signum : exitCodeOf(waitstatus);
  }

  get #state(): number {
    return this.listing.state ?? 0;
  }

  get #isPending(): boolean {
    return (this.#state & VirtualState.PENDING) !== 0;
  }

  get #isInactive(): boolean {
    return (this.#state & VirtualState.ACTIVE) === 0;
  }

  get #runtime(): number {
    const { t_run = 0, t_cleanup = 0 } = this.listing;
    if (t_run <= 0) return 0;
    return (t_cleanup > 0 ? t_cleanup : this.#context.now) - t_run;
  }

  get #remaining(): number {
    if (!this.isRunning) return 0;
    return Math.max(0, (this.listing.expiration ?? 0) - this.#context.now);
  }

  /** What is worth knowing at a glance: why it waits, or where it runs. */
  get #info(): string {
    switch (this.#state) {
      case JobState.PRIORITY:
        return "priority-wait";
      case JobState.DEPEND:
        return `depends:${this.#dependencies}`;
      case JobState.SCHED:
        return this.#schedInfo;
      default:
        return this.listing.nodelist ?? "";
    }
  }

  get #schedInfo(): string {
    const estimate = memberOf(this.annotations, ["sched", "t_estimate"]);
    if (typeof estimate === "number") {
      const seconds = estimate - this.#context.now;
      return `eta:${seconds < 0 ? "now" : formatDurationShort(seconds)}`;
    }
    if (this.listing.urgency === 0) return "held";
    return this.listing.priority === 0 ? "priority-hold" : "";
  }

  get #dependencies(): string {
    return (this.listing.dependencies ?? []).map((each) => this.#dependency(each)).join(",");
  }

  /** Times are shown as such. */
  #dependency(text: string): string {
    const time = /^begin-time=(.*)$/.exec(text)?.[1];
    if (time === undefined) return text;
    const seconds = Number(time);
    const isToday = strftime("%F", seconds) === strftime("%F", this.#context.now);
    const hasSeconds = strftime("%S", seconds) !== "00";
    return `begin@${strftime(`${isToday ? "" : "%b%d-"}%H:%M${hasSeconds ? ":%S" : ""}`, seconds)}`;
  }

  get #inactiveReason(): string {
    if (this.#state !== JobState.INACTIVE) return "";
    const { exception_occurred, exception_type, exception_severity, exception_note } = this.listing;
    switch (this.listing.result) {
      case JobResult.CANCELED: {
        const hasNote = exception_occurred && exception_type === "cancel" && exception_note;
        return hasNote ? `Canceled: ${exception_note}` : "Canceled";
      }
      case JobResult.TIMEOUT:
        return "Timeout";
      case JobResult.FAILED:
        if (exception_occurred && exception_type !== "exec" && exception_severity === 0) {
          const note = exception_note ? ` note=${exception_note}` : "";
          return `Exception: type=${exception_type}${note}`;
        }
        return exitReason(this.returnCode ?? 0);
      default:
        return `Exit ${this.returnCode}`;
    }
  }
}

function exitReason(code: number): string {
  if (code > 128) return signalText(code - 128);
  switch (code) {
    case 126:
      return "Command invoked cannot execute";
    case 127:
      return "command not found";
    case 128:
      return "Invalid argument to exit";
    default:
      return `Exit ${code}`;
  }
}

function memberOf(object: Json, path: readonly string[]): Json | undefined {
  let member: Json | undefined = object;
  for (const key of path) {
    member = isJsonObject(member) && Object.hasOwn(member, key) ? member[key] : undefined;
  }
  return member;
}

function plain(value: Json | undefined): FieldValue {
  if (value === undefined) return "";
  if (Array.isArray(value)) return pythonText(value);
  return typeof value === "object" ? pythonJson(value) : value;
}

/** A list as Python prints it; objects in lists are rare enough to stay JSON. */
function pythonText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(pythonText).join(", ")}]`;
  if (typeof value === "string") return `'${value}'`;
  return isJsonObject(value) ? pythonJson(value) : textOf(value);
}

function shownAnnotation(value: Json | undefined): FieldValue {
  if (isJsonObject(value) && Object.keys(value).length === 0) return "";
  return value === null ? null : plain(value);
}
