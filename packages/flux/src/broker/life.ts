import type { Flux } from "@flux-ts/client/handle";
import { later, type Request } from "@flux-ts/client/request";
import { withResolvers } from "@flux-ts/client/rpc-stream";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { stateMachine } from "@flux-ts/protocol/services/state-machine";
import { StateMachine, type StateName, stateNumber } from "./state-machine.ts";

const seconds = (): number => performance.now() / 1000;

/** What the broker does on entering a state; it posts the event that leads on. */
export type StateActions = Readonly<Record<StateName, () => void | Promise<void>>>;

/** Monitor streams open at once: one for each child, and a few people. */
const maxMonitors = 100_000;

/** Drives the broker's state machine, and tells others of it (`state-machine.*`). */
export class BrokerLife {
  readonly #machine = new StateMachine(seconds());
  readonly #actions: StateActions;
  readonly #log: (severity: 3 | 6 | 7, text: string) => void;
  readonly #monitors = new Map<Request<{ state: number }>, number>();
  readonly #waiters = new Set<Request<void>>();
  readonly #exited = withResolvers<void>();
  /** A part of the broker failed: the process exits with status 1. */
  hasFailed = false;

  constructor(actions: StateActions, log: (severity: 3 | 6 | 7, text: string) => void) {
    this.#actions = actions;
    this.#log = log;
  }

  get state(): StateName {
    return this.#machine.state;
  }

  /** Resolves when the broker has reached `exit`. */
  get exited(): Promise<void> {
    return this.#exited.promise;
  }

  /** True once the broker has come as far as `state`. */
  hasReached(state: StateName): boolean {
    return stateNumber(this.state) >= stateNumber(state);
  }

  post(event: string): void {
    const before = this.state;
    const state = this.#machine.post(event, seconds());
    if (state === undefined) return;
    this.#log(6, `${event}: ${before}->${state}`);
    this.#announce(state);
    void this.#enter(state);
  }

  /** Serve `state-machine.*` on the broker's own handle. */
  serve(flux: Flux): void {
    flux.serve(stateMachine.get, () => ({
      state: this.state,
      duration: this.#machine.duration(seconds()),
    }));
    flux.serve(stateMachine.wait, (_args, request) => {
      if (this.state === "run") return undefined;
      if (this.hasReached("run")) throw new FluxError("ENOENT", "broker has surpassed RUN state");
      if (this.#waiters.size >= maxMonitors) throw new FluxError("EAGAIN", "too many clients wait");
      this.#waiters.add(request);
      return later;
    });
    flux.serve(stateMachine.monitor, ({ final = stateNumber("exit") }, request) => {
      const state = stateNumber(this.state);
      if (!request.isStreaming) return { state };
      if (this.#monitors.size >= maxMonitors) throw new FluxError("EAGAIN", "too many monitors");
      request.respond({ state });
      if (state >= final) request.end();
      else this.#monitors.set(request, final);
      return later;
    });
    flux.serve(stateMachine.post, ({ event, error = false }) => {
      if (error) this.hasFailed = true;
      this.post(event);
    });
    flux.serve(stateMachine.disconnect, (_args, { sender }) => {
      for (const request of [...this.#monitors.keys()]) {
        if (request.sender === sender) this.#monitors.delete(request);
      }
      for (const request of [...this.#waiters]) {
        if (request.sender === sender) this.#waiters.delete(request);
      }
    });
  }

  #announce(state: StateName): void {
    const number = stateNumber(state);
    for (const [request, final] of [...this.#monitors]) {
      request.respond({ state: number });
      if (number < final) continue;
      request.end();
      this.#monitors.delete(request);
    }
    if (!this.hasReached("run")) return;
    const error = new FluxError("ENOENT", "broker has surpassed RUN state");
    for (const request of this.#waiters) {
      if (state === "run") request.respond(undefined);
      else request.fail(error);
    }
    this.#waiters.clear();
  }

  async #enter(state: StateName): Promise<void> {
    try {
      await this.#actions[state]();
    } catch (error) {
      this.hasFailed = true;
      this.#log(3, `${state}: ${error instanceof Error ? error.message : error}`);
      this.post("panic");
    }
    if (state === "exit") this.#exited.resolve();
  }
}
