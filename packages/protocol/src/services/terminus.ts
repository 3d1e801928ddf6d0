import { Role } from "../message/credential.ts";
import { anyBody } from "../rpc/body.ts";
import { type Method, method, renamed } from "../rpc/method.ts";
import type { JsonObject } from "../schema/json.ts";
import { t } from "../schema/schema.ts";

const roles = Role.User;

/** Pseudo-terminals of a job shell or a user (wire-broker §5.11), which only their user may use. */
export const terminus = {
  /** Start a command, or a login shell, in a terminal of its own. */
  new: method("terminus.new", {
    roles,
    request: {
      name: t.optional(t.string),
      cmd: t.optional(t.array(t.string)),
      environ: t.optional(t.record(t.string)),
      cwd: t.optional(t.string),
    },
    response: { name: t.string, pty_service: t.string, id: t.int },
  }),
  list: method("terminus.list", {
    roles,
    response: {
      server: t.object({ service: t.string, rank: t.int, ctime: t.real }),
      sessions: t.array(
        t.object({
          id: t.int,
          name: t.string,
          clients: t.int,
          pid: t.int,
          exited: t.int,
          ctime: t.real,
        }),
      ),
    },
  }),
  /** ENOENT: no such session. With `wait` answered when it has ended. */
  kill: method("terminus.kill", {
    roles,
    request: { id: t.int, signal: t.int, wait: t.optional(t.int) },
  }),
  killServer: method("terminus.kill-server", { roles }),
  disconnect: method("terminus.disconnect", { roles, noResponse: true }),
};

/** The same methods under another service name. */
export function terminusAt(service: string): typeof terminus {
  const moved = Object.entries(terminus).map(([name, declared]) => {
    const { topic } = declared;
    const at = `${service}${topic.slice(topic.indexOf("."))}`;
    return [name, renamed(declared as Method<unknown, unknown>, at)];
  });
  return Object.fromEntries(moved) as typeof terminus;
}

/**
 * Requests to one terminal, told apart by `type`: `attach` streams what the terminal shows,
 * `resize`, `data` and `detach` come from a client that is attached.
 */
export function terminal(service: string, id: number): Method<JsonObject, JsonObject> {
  return method(`${service}.${id}`, {
    roles,
    streaming: "optional",
    request: anyBody,
    response: anyBody,
  });
}

const windowSize = t.object({ rows: t.int, cols: t.int });

/** What requests to a terminal contain. */
export const terminalRequest = {
  type: t.object({ type: t.string }),
  attach: t.object({ mode: t.string, winsize: t.optional(windowSize) }),
  resize: t.object({ winsize: windowSize }),
  data: t.object({ data: t.string, encoding: t.optional(t.string) }),
};
