import type { ExecConfig } from "./config.ts";

export type KillStep =
  /** Signal the shells. */
  | { readonly do: "signal-shells"; readonly signum: number }
  /** Signal the tasks, through their shells. */
  | { readonly do: "signal-tasks"; readonly signum: number }
  /** Nothing helps: drain the ranks and call it an end. */
  | { readonly do: "give-up" };

const tasksFirst = 5;
const maxDelaySeconds = 300;

/**
 * How a job that should end is made to, step by step (wire-jobs §7.3): the term signal to the shells,
 * then the kill signal to the tasks again and again, then to the shells with growing patience.
 */
export class KillPlan {
  readonly #config: ExecConfig;
  readonly #signum: number;
  readonly #started: number;
  #step = 0;
  #shellKills = 0;

  /** `signum`: how the shells are first asked; `now` in seconds. */
  constructor(config: ExecConfig, signum: number, now: number) {
    this.#config = config;
    this.#signum = signum;
    this.#started = now;
  }

  /** What to do now, and in how many seconds to ask again; no delay: it was the last step. */
  next(now: number): { step: KillStep; delaySeconds?: number } {
    const { killTimeout, killSignal, maxKillCount, maxKillTimeout } = this.#config;
    const step = this.#step++;
    if (step === 0) {
      return { step: { do: "signal-shells", signum: this.#signum }, delaySeconds: killTimeout };
    }
    const tooLong = maxKillTimeout !== undefined && now - this.#started >= maxKillTimeout;
    const tooOften = maxKillTimeout === undefined && this.#shellKills >= maxKillCount;
    if (tooLong || tooOften) return { step: { do: "give-up" } };
    if (step <= tasksFirst) {
      return { step: { do: "signal-tasks", signum: killSignal }, delaySeconds: killTimeout };
    }
    const delay = killTimeout * 2 ** this.#shellKills++;
    return {
      step: { do: "signal-shells", signum: killSignal },
      delaySeconds: Math.min(delay, maxDelaySeconds),
    };
  }
}
