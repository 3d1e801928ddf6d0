import type { JobId } from "@flux-ts/protocol/job/fluid";
import { exitCodeOf, jobStatusText } from "@flux-ts/protocol/job/wait-status";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { JobFlag } from "@flux-ts/protocol/services/job-ingest";
import type { ListedJob } from "@flux-ts/protocol/services/job-manager";
import type { Asker } from "./effect.ts";
import type { Job } from "./job.ts";
import { listed } from "./list.ts";
import type { Manager } from "./manager.ts";

/** How a waitable job ended. */
interface WaitResult {
  readonly id: JobId;
  readonly success: boolean;
  /** Empty on success. */
  readonly errstr: string;
}

function waitResult(job: Job): WaitResult {
  const { id, endEvent } = job;
  const { type, note, status } = endEvent?.context ?? {};
  if (endEvent?.name === "exception") {
    return { id, success: false, errstr: `Fatal exception type=${type} ${note ?? ""}` };
  }
  const waitStatus = typeof status === "number" ? status : 0;
  return { id, success: exitCodeOf(waitStatus) === 0, errstr: jobStatusText(waitStatus) };
}

/** All that is kept of a job that ended and was not asked for. */
interface Zombie {
  readonly result: WaitResult;
  readonly listed: ListedJob;
}

/**
 * Jobs submitted as waitable, like child processes: each ends as a zombie until somebody has asked for
 * its result. Only the instance owner makes such jobs, so zombies cannot pile up by guests' doing.
 */
export class Wait {
  readonly #manager: Manager;
  readonly #zombies = new Map<JobId, Zombie>();
  /** Who waits for one job. */
  readonly #waiters = new Map<JobId, Asker>();
  /** Who waits for any job, in order. */
  readonly #anyWaiters: Asker[] = [];
  /** Waitable jobs that are active. */
  #active = 0;

  constructor(manager: Manager) {
    this.#manager = manager;
  }

  onActive(job: Job): void {
    if (job.flags & JobFlag.Waitable) this.#active++;
  }

  onInactive(job: Job): void {
    this.#active--;
    const waiter = this.#waiters.get(job.id) ?? this.#anyWaiters.shift();
    this.#waiters.delete(job.id);
    if (waiter) this.#answer(waiter, waitResult(job));
    else this.addZombie(job);
  }

  /** A waitable job of an earlier life of the instance that nobody asked for. */
  addZombie(job: Job): void {
    this.#zombies.set(job.id, { result: waitResult(job), listed: listed(job) });
  }

  /** Throws ECHILD if there is nothing to wait for. `id` undefined: any job. */
  wait(asker: Asker, id: JobId | undefined): void {
    if (id === undefined) this.#waitAny(asker);
    else if (!this.#waitOne(asker, id)) return;
    this.#refuseSurplus();
  }

  #waitAny(asker: Asker): void {
    const [zombie] = this.#zombies.values();
    if (zombie) this.#reap(asker, zombie);
    else this.#anyWaiters.push(asker);
  }

  /** True if a zombie answered it. */
  #waitOne(asker: Asker, id: JobId): boolean {
    const zombie = this.#zombies.get(id);
    if (zombie) {
      this.#reap(asker, zombie);
      return true;
    }
    const job = this.#manager.jobs.active.get(id);
    if (!job) {
      throw new FluxError("ECHILD", "invalid job id, or job may be inactive and not waitable");
    }
    if (this.#waiters.has(id)) throw new FluxError("ECHILD", "job id already has a waiter");
    if (!(job.flags & JobFlag.Waitable)) {
      throw new FluxError("ECHILD", "job was not submitted with FLUX_JOB_WAITABLE");
    }
    this.#waiters.set(id, asker);
    return false;
  }

  #reap(asker: Asker, { result }: Zombie): void {
    this.#zombies.delete(result.id);
    this.#answer(asker, result);
  }

  /** More waiters than jobs: the newest that takes any job waits in vain. */
  #refuseSurplus(): void {
    if (this.#anyWaiters.length + this.#waiters.size <= this.#active) return;
    const to = this.#anyWaiters.pop();
    if (!to) return;
    const error = new FluxError("ECHILD", "there are no more waitable jobs");
    this.#manager.effects.push({ do: "refuse", to, error });
  }

  #answer(to: Asker, result: WaitResult): void {
    this.#manager.effects.push({ do: "answer", to, response: { ...result } });
  }

  get zombies(): ListedJob[] {
    return Array.from(this.#zombies.values(), (zombie) => zombie.listed);
  }

  disconnect(sender: string): void {
    for (const [id, waiter] of this.#waiters)
      if (waiter.sender === sender) this.#waiters.delete(id);
    const rest = this.#anyWaiters.filter((waiter) => waiter.sender !== sender);
    this.#anyWaiters.splice(0, this.#anyWaiters.length, ...rest);
  }

  /** All that still wait: the module is being unloaded. */
  takeAll(): Asker[] {
    const all = [...this.#waiters.values(), ...this.#anyWaiters];
    this.#waiters.clear();
    this.#anyWaiters.length = 0;
    return all;
  }
}
