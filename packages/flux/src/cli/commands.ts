import type { AnyCommand } from "./command.ts";

/** Loads a command's file, when it is chosen. */
export type LoadCommand = () => Promise<{ default: AnyCommand }>;

/** Every command of the `flux` command line: one line each, file `commands/NAME.ts`. */
export const commands: { readonly [name: string]: LoadCommand } = {
  broker: () => import("./commands/broker.ts"),
  bulksubmit: () => import("./commands/bulksubmit.ts"),
  cancel: () => import("./commands/cancel.ts"),
  content: () => import("./commands/content.ts"),
  config: () => import("./commands/config.ts"),
  dmesg: () => import("./commands/dmesg.ts"),
  env: () => import("./commands/env.ts"),
  event: () => import("./commands/event.ts"),
  exec: () => import("./commands/exec.ts"),
  getattr: () => import("./commands/getattr.ts"),
  help: () => import("./commands/help.ts"),
  job: () => import("./commands/job.ts"),
  jobs: () => import("./commands/jobs.ts"),
  keygen: () => import("./commands/keygen.ts"),
  kvs: () => import("./commands/kvs.ts"),
  logger: () => import("./commands/logger.ts"),
  lsattr: () => import("./commands/lsattr.ts"),
  modprobe: () => import("./commands/modprobe.ts"),
  module: () => import("./commands/module.ts"),
  pgrep: () => import("./commands/pgrep.ts"),
  ping: () => import("./commands/ping.ts"),
  pkill: () => import("./commands/pkill.ts"),
  python: () => import("./commands/python.ts"),
  queue: () => import("./commands/queue.ts"),
  R: () => import("./commands/R.ts"),
  resource: () => import("./commands/resource.ts"),
  run: () => import("./commands/run.ts"),
  setattr: () => import("./commands/setattr.ts"),
  shutdown: () => import("./commands/shutdown.ts"),
  start: () => import("./commands/start.ts"),
  submit: () => import("./commands/submit.ts"),
  uptime: () => import("./commands/uptime.ts"),
  version: () => import("./commands/version.ts"),
};
