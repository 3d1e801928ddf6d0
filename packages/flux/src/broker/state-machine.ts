import { brokerStateNames } from "@flux-ts/protocol/services/state-machine";

export type StateName = (typeof brokerStateNames)[number];

/** The number of a state, as `state-machine.monitor` sends it. */
export function stateNumber(state: StateName): number {
  return brokerStateNames.indexOf(state);
}

/** Which event leads from each state to which; wire-broker §4.1. Other events are ignored there. */
const transitions: Readonly<Record<StateName, Readonly<Record<string, StateName>>>> = {
  "load-builtins": { "builtins-success": "join", "builtins-fail": "unload-builtins" },
  join: { "parent-ready": "config-sync", "parent-none": "config-sync", "parent-fail": "shutdown" },
  "config-sync": { "sync-success": "init", "sync-none": "init", "sync-fail": "shutdown" },
  init: {
    "rc1-success": "quorum",
    "rc1-none": "quorum",
    "rc1-ignorefail": "quorum",
    "rc1-fail": "shutdown",
    panic: "shutdown",
  },
  quorum: { "quorum-full": "run", "quorum-fail": "shutdown", panic: "shutdown" },
  run: {
    "rc2-success": "cleanup",
    "rc2-fail": "cleanup",
    shutdown: "cleanup",
    "parent-fail": "cleanup",
    panic: "shutdown",
  },
  cleanup: {
    "cleanup-success": "shutdown",
    "cleanup-none": "shutdown",
    "cleanup-fail": "shutdown",
    panic: "shutdown",
  },
  shutdown: { "children-complete": "finalize", "children-none": "finalize" },
  finalize: { "rc3-success": "goodbye", "rc3-none": "goodbye", "rc3-fail": "goodbye" },
  goodbye: { goodbye: "unload-builtins" },
  "unload-builtins": { "builtins-done": "exit", "builtins-unload-fail": "exit" },
  exit: {},
};

/** The life of a broker as a machine: events in, the state entered out. */
export class StateMachine {
  #state: StateName = "load-builtins";
  #since: number;

  /** `now`: seconds on any monotonic clock. */
  constructor(now: number) {
    this.#since = now;
  }

  get state(): StateName {
    return this.#state;
  }

  /** Seconds spent in the present state. */
  duration(now: number): number {
    return now - this.#since;
  }

  /** The state that `event` leads to, or undefined if it means nothing in the present one. */
  post(event: string, now: number): StateName | undefined {
    const next = transitions[this.#state][event];
    if (next === undefined) return undefined;
    this.#state = next;
    this.#since = now;
    return next;
  }
}

/** What a follower makes of its parent's state (wire-broker §4.2): the event to post, if any. */
export function eventOfParentState(own: StateName, parent: number): string | undefined {
  const quorum = stateNumber("quorum");
  const run = stateNumber("run");
  const cleanup = stateNumber("cleanup");
  const shutdown = stateNumber("shutdown");
  switch (own) {
    case "join":
      if (parent === quorum || parent === run) return "parent-ready";
      return parent >= cleanup ? "parent-fail" : undefined;
    case "quorum":
      if (parent === run) return "quorum-full";
      return parent >= cleanup ? "quorum-fail" : undefined;
    case "run":
      if (parent === shutdown) return "shutdown";
      return parent > shutdown ? "parent-fail" : undefined;
    default:
      return undefined;
  }
}

/** What a signal does, by state (wire-broker §4.5): an event to post, or the run level to abort. */
export function reactionToSignal(
  state: StateName,
  hasProgram: boolean,
): { post: string } | { abort: "rc1" | "rc2" | "cleanup" | "rc3" } | undefined {
  switch (state) {
    case "join":
      return { post: "parent-fail" };
    case "config-sync":
      return { post: "sync-fail" };
    case "init":
      return { abort: "rc1" };
    case "quorum":
      return { post: "quorum-fail" };
    case "run":
      return hasProgram ? { abort: "rc2" } : { post: "shutdown" };
    case "cleanup":
      return { abort: "cleanup" };
    case "finalize":
      return { abort: "rc3" };
    default:
      return undefined;
  }
}
