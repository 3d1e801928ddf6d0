import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/**
 * The resident shell process of a broker: hosts the shells of the owner's jobs, so that a short job
 * needs no process but its tasks. Job-exec asks it instead of starting a shell process.
 */
export const shellHost = {
  /** Run one shell. Answers `started`, then `finished` with the shell's wait(2) status, then ENODATA. */
  start: method("shell-host.start", {
    streaming: "required",
    request: {
      id: t.jobId,
      userid: t.int,
      /** The signed request (RFC 39): holds the jobspec with the job's environment. */
      J: t.string,
      R: t.jsonObject,
    },
    response: {
      type: t.string,
      status: t.optional(t.int),
      /** With type `log`: a line for the exec eventlog. */
      stream: t.optional(t.string),
      data: t.optional(t.string),
      /** With type `finished`: lines for logs of the guest namespace, where the shell wrote none. */
      logs: t.optional(t.record(t.string)),
    },
  }),
  /** Signal a shell, as kill(2) would its process. ENOENT: it is gone. */
  kill: method("shell-host.kill", { request: { id: t.jobId, signum: t.int } }),
  statsGet: method("shell-host.stats-get", { response: { running: t.int, started: t.int } }),
  disconnect: method("shell-host.disconnect", { noResponse: true }),
};
