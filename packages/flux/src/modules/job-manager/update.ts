import { dottedValue } from "@flux-ts/protocol/job/dotted-path";
import { VirtualState } from "@flux-ts/protocol/job/states";
import { type Credential, isOwner } from "@flux-ts/protocol/message/credential";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { RequestOf } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { feasibility } from "@flux-ts/protocol/services/feasibility";
import type { jobManager } from "@flux-ts/protocol/services/job-manager";
import { sched } from "@flux-ts/protocol/services/sched";
import { authorize } from "./authorize.ts";
import { type AnyMethod, type Asker, effectMethod } from "./effect.ts";
import type { Job } from "./job.ts";
import { areJobspecPaths } from "./jobtap-api.ts";
import { withUpdates } from "./json-path.ts";
import type { Manager } from "./manager.ts";

const durationKey = "attributes.system.duration";

/** Updates whose plugins agreed and that wait for the scheduler's opinion. */
interface CheckedUpdate {
  readonly job: Job;
  readonly cred: Credential;
  readonly updates: JsonObject;
  /** The jobspec as a whole was found valid with them. */
  readonly isValidated: boolean;
}

/** Updates of jobspecs after submission (RFC 21 jobspec-update). */
export class Update {
  readonly #manager: Manager;
  readonly #waiting = new Set<Asker>();
  /** When the instance ends: seconds since the epoch, 0 if it does not, undefined if not known yet. */
  #instanceExpiration: number | undefined;

  constructor(manager: Manager) {
    this.#manager = manager;
  }

  /** `job-manager.update`: ENOENT, EINVAL, EPERM; else the asker is answered later. */
  request(
    asker: Asker,
    cred: Credential,
    { id, updates }: RequestOf<(typeof jobManager)["update"]>,
  ): void {
    if (!areJobspecPaths(updates)) {
      throw new FluxError("EINVAL", "one or more jobspec updates are invalid");
    }
    const { inactive } = this.#manager.jobs;
    if (inactive.has(id)) throw new FluxError("EINVAL", "job is inactive");
    const job = this.#manager.activeJob(id, "ENOENT");
    authorize(cred, job, "guests may only update their own jobs");
    if (job.isImmutable && !isOwner(cred)) {
      throw new FluxError("EPERM", "job is immutable due to previous instance owner update");
    }
    this.#check(asker, job, cred, updates);
  }

  #check(asker: Asker, job: Job, cred: Credential, asked: JsonObject): void {
    const { jobtap } = this.#manager;
    let mustValidate = false;
    let mustBeFeasible = false;
    let updates = asked;
    for (const [key, value] of Object.entries(asked)) {
      const result = jobtap.update(job, key, value ?? null, cred);
      mustValidate ||= !result.validated;
      mustBeFeasible ||= result.feasibility ?? false;
      if (result.updates) updates = { ...updates, ...result.updates };
    }
    const jobspec = withUpdates(job.jobspec, updates);
    if (mustValidate) jobtap.validate(job, jobspec);
    const update = { job, cred, updates, isValidated: mustValidate };
    const duration = updates[durationKey];
    if (mustBeFeasible) {
      this.#ask(asker, update, effectMethod(feasibility.check), { jobspec });
    } else if (job.isIn(VirtualState.RUNNING) && typeof duration === "number") {
      const expiration = this.#expirationAfter(job, duration);
      this.#ask(asker, update, effectMethod(sched.expiration), { id: job.id, expiration });
    } else {
      this.#apply(update);
      this.#manager.effects.push({ do: "answer", to: asker, response: undefined });
    }
  }

  #ask(asker: Asker, update: CheckedUpdate, method: AnyMethod, request: JsonObject): void {
    this.#waiting.add(asker);
    const done = (error?: FluxError): void => {
      if (!this.#waiting.delete(asker)) return;
      const { effects } = this.#manager;
      const refusal = error && this.#refusalOf(error, method);
      try {
        if (refusal) throw refusal;
        if (update.job.isReadonly) throw new FluxError("EINVAL", "job is inactive");
        this.#apply(update);
        effects.push({ do: "answer", to: asker, response: undefined });
      } catch (caught) {
        if (!(caught instanceof FluxError)) throw caught;
        effects.push({ do: "refuse", to: asker, error: caught });
      }
    };
    this.#manager.effects.push({ do: "call", method, request, done });
  }

  /** RFC 27: a scheduler that does not care for expirations agrees to each. */
  #refusalOf(error: FluxError, { topic }: AnyMethod): FluxError | undefined {
    if (topic !== sched.expiration.topic) return error;
    if (error.code === "ENOSYS") return undefined;
    return new FluxError(error.errnum, "scheduler refused expiration update");
  }

  #apply({ job, cred, updates, isValidated }: CheckedUpdate): void {
    const { events } = this.#manager;
    // An update that exceeds what the user may do must not open the door to further ones of his.
    if (!isValidated && isOwner(cred) && cred.userid !== job.userid) {
      events.post(job, "set-flags", { flags: ["immutable"] });
    }
    events.post(job, "jobspec-update", updates);
    const duration = updates[durationKey];
    if (!job.isIn(VirtualState.RUNNING) || typeof duration !== "number") return;
    events.post(job, "resource-update", { expiration: this.#expirationAfter(job, duration) });
  }

  #expirationAfter(job: Job, duration: number): number {
    if (duration === 0) return 0;
    const start = job.R && dottedValue(job.R, "execution.starttime");
    if (typeof start !== "number" || start <= 0) {
      throw new FluxError("EINVAL", "unable to get job starttime");
    }
    const expiration = start + duration;
    if (expiration > this.#manager.now) return expiration;
    const text = "requested duration places job expiration in the past";
    throw new FluxError("EINVAL", text);
  }

  get instanceExpiration(): number {
    return this.#instanceExpiration ?? 0;
  }

  /**
   * The instance ends at another time now. Jobs without a duration of their own were given the old end as
   * their expiration, so they get the new one.
   */
  onInstanceExpiration(expiration: number): void {
    const old = this.#instanceExpiration;
    this.#instanceExpiration = expiration;
    const { events, jobs } = this.#manager;
    if (old === undefined || Math.abs(expiration - old) < 1e-5 || jobs.running === 0) return;
    this.#manager.log(6, `resource expiration updated from ${old} to ${expiration}`);
    for (const job of [...jobs.active.values()]) {
      if (!job.R || !job.isIn(VirtualState.RUNNING)) continue;
      const own = dottedValue(job.jobspec, durationKey) ?? 0;
      const present = dottedValue(job.R, "execution.expiration");
      if (own !== 0 || typeof present !== "number" || present < 0) continue;
      events.post(job, "resource-update", { expiration });
    }
  }

  disconnect(sender: string): void {
    for (const asker of this.#waiting) if (asker.sender === sender) this.#waiting.delete(asker);
  }

  /** All that still wait: the module is being unloaded. */
  takeAll(): Asker[] {
    const all = [...this.#waiting];
    this.#waiting.clear();
    return all;
  }
}
