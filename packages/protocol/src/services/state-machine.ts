import { Role } from "../message/credential.ts";
import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** Broker states, as they travel in `state-machine.monitor` (wire-broker §4.1). */
export const BrokerState = {
  LoadBuiltins: 0,
  Join: 1,
  ConfigSync: 2,
  Init: 3,
  Quorum: 4,
  Run: 5,
  Cleanup: 6,
  Shutdown: 7,
  Finalize: 8,
  Goodbye: 9,
  UnloadBuiltins: 10,
  Exit: 11,
} as const;
export type BrokerState = (typeof BrokerState)[keyof typeof BrokerState];

/** State names, by number: what `state-machine.get` and people see. */
export const brokerStateNames = [
  "load-builtins",
  "join",
  "config-sync",
  "init",
  "quorum",
  "run",
  "cleanup",
  "shutdown",
  "finalize",
  "goodbye",
  "unload-builtins",
  "exit",
] as const;

/** The life of a broker, from start to exit. */
export const stateMachine = {
  /** `duration`: seconds in this state. */
  get: method("state-machine.get", {
    roles: Role.User,
    response: { state: t.string, duration: t.real },
  }),
  /** Answered once the broker is in RUN. ENOENT: it is beyond. */
  wait: method("state-machine.wait", { roles: Role.User }),
  /** The state now and at each change; ends (ENODATA) when `final` is reached. */
  monitor: method("state-machine.monitor", {
    streaming: "optional",
    request: { final: t.optional(t.int) },
    response: { state: t.int },
  }),
  /** An event from a part of this broker; `error` makes the broker exit with status 1. */
  post: method("state-machine.post", {
    noResponse: true,
    request: { event: t.string, error: t.optional(t.boolean) },
  }),
  sdNotify: method("state-machine.sd-notify", { request: { status: t.optional(t.string) } }),
  disconnect: method("state-machine.disconnect", { noResponse: true }),
};

/** Shutting the instance down. Rank 0 only. */
export const shutdown = {
  /** EINVAL: not in RUN. Streaming: the log until the broker says goodbye. */
  start: method("shutdown.start", {
    streaming: "optional",
    request: { loglevel: t.optional(t.int) },
    response: { log: t.optional(t.string) },
  }),
  disconnect: method("shutdown.disconnect", { noResponse: true }),
};
