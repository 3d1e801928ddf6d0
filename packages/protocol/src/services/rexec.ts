import { Role } from "../message/credential.ts";
import { type Method, method, renamed } from "../rpc/method.ts";
import { type TypeOf, t } from "../schema/schema.ts";

/** Flags of an exec request (RFC 42): which streams to report, and how it is waited for. */
export const ExecFlag = {
  Stdout: 1,
  Stderr: 2,
  Channel: 4,
  WriteCredit: 8,
  Waitable: 16,
} as const;

/** `local_flags`: for callers on the same broker as the server. */
export const ExecLocalFlag = {
  /** Standard streams are the server's own. */
  Fallthrough: 1,
  /** Stay in the server's process group. */
  NoSetpgrp: 2,
  ForkExec: 4,
} as const;

/** Bytes of one stream (RFC 24 form). `rank` is the broker's, as a string. */
export const ioObject = t.object({
  stream: t.string,
  rank: t.string,
  data: t.optional(t.string),
  encoding: t.optional(t.string),
  eof: t.optional(t.boolean),
});
export type IoObject = TypeOf<typeof ioObject>;

/** The methods of a subprocess server (RFC 42), for the service `rexec`. */
export const rexec = {
  /**
   * `cmd` is checked by the server, with errors of its own. Streams `started`, `add-credit`, `output`,
   * `stopped`, `finished`, then ENODATA.
   */
  exec: method("rexec.exec", {
    streaming: "optional",
    request: { cmd: t.json, flags: t.int, local_flags: t.optional(t.int) },
    response: {
      type: t.string,
      pid: t.optional(t.int),
      status: t.optional(t.int),
      io: t.optional(ioObject),
      channels: t.optional(t.record(t.int)),
    },
  }),
  /** Input for a stream; the exec request is named by its sender and matchtag. */
  write: method("rexec.write", {
    noResponse: true,
    request: { matchtag: t.int, io: ioObject },
  }),
  kill: method("rexec.kill", {
    request: { pid: t.int, signum: t.int, label: t.optional(t.string) },
  }),
  list: method("rexec.list", {
    response: {
      rank: t.int,
      procs: t.array(t.object({ pid: t.int, cmd: t.string, label: t.string, state: t.string })),
    },
  }),
  wait: method("rexec.wait", {
    request: { pid: t.int, label: t.optional(t.string) },
    response: { status: t.int, output: t.optional(t.array(ioObject)) },
  }),
  attach: method("rexec.attach", {
    streaming: "required",
    request: { pid: t.int, label: t.optional(t.string), flags: t.int },
    response: {
      type: t.string,
      pid: t.optional(t.int),
      cmd: t.optional(t.jsonObject),
      status: t.optional(t.int),
      io: t.optional(ioObject),
      channels: t.optional(t.record(t.int)),
    },
  }),
  disconnect: method("rexec.disconnect", { roles: Role.User, noResponse: true }),
};

/**
 * The same methods under another service name, for other roles: job shells and sdexec speak them too.
 */
export function rexecAt(service: string, roles: number = Role.None): typeof rexec {
  const moved = Object.entries(rexec).map(([name, declared]) => {
    const method = renamed(declared as Method<unknown, unknown>, `${service}.${name}`);
    return [name, { ...method, roles: method.roles | roles }];
  });
  return Object.fromEntries(moved) as typeof rexec;
}
