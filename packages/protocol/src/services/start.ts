import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** `flux start` of a test instance, on the socket in FLUX_START_URI: to kill and restart brokers. */
export const start = {
  /** By rank; pid -1 for a broker that does not run. */
  status: method("start.status", { response: { procs: t.array(t.object({ pid: t.int })) } }),
  /** ESRCH: no such rank. */
  kill: method("start.kill", { request: { rank: t.int, signum: t.int } }),
  /** Answered when the broker has exited. EEXIST: somebody waits already. */
  wait: method("start.wait", { request: { rank: t.int }, response: { exit_rc: t.int } }),
  /** Start a broker that does not run. EEXIST: it does. */
  run: method("start.run", { request: { rank: t.int } }),
  disconnect: method("disconnect", { noResponse: true }),
};
