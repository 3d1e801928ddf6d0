import { Role } from "../message/credential.ts";
import { anyBody } from "../rpc/body.ts";
import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** Module states of RFC 5, as they travel in `module.status`. */
export const ModuleStatus = { Init: 0, Running: 1, Finalizing: 2, Exited: 3 } as const;
export type ModuleStatus = (typeof ModuleStatus)[keyof typeof ModuleStatus];

/** Broker modules (RFC 5). */
export const module = {
  /** Answered when the module runs. ENOENT not found, EEXIST loaded, or the errno it failed with. */
  load: method("module.load", {
    request: {
      path: t.string,
      args: t.array(t.string),
      name: t.optional(t.string),
      loader: t.optional(t.string),
      exec: t.optional(t.boolean),
    },
  }),
  remove: method("module.remove", { request: { name: t.string, cancel: t.optional(t.boolean) } }),
  list: method("module.list", {
    roles: Role.User,
    response: {
      mods: t.array(
        t.object({
          name: t.string,
          path: t.string,
          idle: t.int,
          status: t.int,
          services: t.array(t.string),
          sendqueue: t.int,
          recvqueue: t.int,
        }),
      ),
    },
  }),
  /** From a module to its broker: what it has become. */
  status: method("module.status", { request: { status: t.int, errnum: t.optional(t.int) } }),
  debug: method("module.debug", { request: { name: t.string, defer: t.optional(t.boolean) } }),
  trace: method("module.trace", {
    streaming: "required",
    request: {
      names: t.array(t.string),
      typemask: t.int,
      topic_glob: t.string,
      full: t.optional(t.boolean),
    },
    response: anyBody,
  }),
  disconnect: method("module.disconnect", { noResponse: true }),
};

/** getrusage(2): times in seconds, memory in kilobytes. */
const rusageShape = {
  utime: t.real,
  stime: t.real,
  maxrss: t.int,
  ixrss: t.int,
  idrss: t.int,
  isrss: t.int,
  minflt: t.int,
  majflt: t.int,
  nswap: t.int,
  inblock: t.int,
  oublock: t.int,
  msgsnd: t.int,
  msgrcv: t.int,
  nsignals: t.int,
  nvcsw: t.int,
  nivcsw: t.int,
};

/** What every module answers under its own name; wire-broker §5.1. */
export function moduleDefaults(name: string) {
  return {
    ping: method(`${name}.ping`, { roles: Role.User, request: anyBody, response: anyBody }),
    statsGet: method(`${name}.stats-get`, { roles: Role.All, response: anyBody }),
    statsClear: method(`${name}.stats-clear`, {}),
    rusage: method(`${name}.rusage`, {
      roles: Role.User,
      request: { who: t.optional(t.string) },
      response: rusageShape,
    }),
    debug: method(`${name}.debug`, {
      request: { op: t.string, flags: t.int },
      response: { flags: t.int },
    }),
    configReload: method(`${name}.config-reload`, { request: anyBody }),
    shutdown: method(`${name}.shutdown`, { noResponse: true }),
  };
}

/** The first message a broker sends to a module (RFC 5): everything it starts with. */
export const welcome = method("welcome", {
  noResponse: true,
  request: {
    args: t.array(t.string),
    attrs: t.record(t.string),
    conf: t.jsonObject,
    name: t.string,
    uuid: t.string,
  },
});
