import { Role } from "../message/credential.ts";
import { anyBody } from "../rpc/body.ts";
import { type Method, method, renamed } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

const roles = Role.User;

/**
 * What a job shell serves while its job runs, under the name `<userid>-shell-<jobid>`. Shells check
 * that it is the job's user, or the instance owner, who asks. `leader`: on the first shell only.
 */
export const shell = {
  /** Leader: an io object (RFC 24) for the tasks' standard input. EPIPE: they have had its end. */
  stdin: method("shell.stdin", { roles, request: anyBody }),
  /** Leader: an event for the output log, from another shell. */
  write: method("shell.write", {
    roles,
    noResponse: true,
    request: { name: t.string, shell_rank: t.int, context: t.jsonObject },
  }),
  /** Leader: answered when that many more writes are welcome. */
  writeGetcredit: method("shell.write-getcredit", {
    roles,
    request: { credits: t.int },
    response: { credits: t.int },
  }),
  /** Leader, from job-exec: something happened to another shell (`lost-shell`). */
  exception: method("shell.exception", {
    roles,
    request: {
      type: t.string,
      severity: t.int,
      shell_rank: t.int,
      message: t.optional(t.string),
    },
  }),
  /** Leader: how a task of another shell ended, if it is the first there. */
  doom: method("shell.doom", { roles, noResponse: true, request: anyBody }),
  /** Leader: all tasks of that shell have ended. */
  tasksComplete: method("shell.tasks-complete", {
    roles,
    noResponse: true,
    request: { shell_rank: t.int },
  }),
  /** What the tasks of a subtree of shells put into the PMI store; answered with everybody's. */
  pmiExchange: method("shell.pmi-exchange", { roles, request: anyBody, response: anyBody }),
  /** Leader: output of a helper on another shell, or that no more will come from there. */
  coprocessWrite: method("shell.coprocess-write", {
    roles,
    noResponse: true,
    request: { name: t.string, data: t.optional(t.string), eof_rank: t.optional(t.int) },
  }),
  /** Processes of this shell, or at the leader of all, for parallel debuggers. */
  proctable: method("shell.proctable", { roles, response: anyBody }),
};

/** The same methods under the service name of a job. */
export function shellAt(service: string): typeof shell {
  const moved = Object.entries(shell).map(([name, declared]) => {
    const { topic } = declared;
    const at = `${service}${topic.slice(topic.indexOf("."))}`;
    return [name, renamed(declared as Method<unknown, unknown>, at)];
  });
  return Object.fromEntries(moved) as typeof shell;
}
