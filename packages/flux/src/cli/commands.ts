import type { AnyCommand } from "./command.ts";

/** A command that `flux NAME` finds, in a file of its own that is loaded when it is chosen. */
export interface CommandEntry {
  readonly load: () => Promise<{ default: AnyCommand }>;
  /** What `flux --help` says about it, under which heading; left out: it is not listed there. */
  readonly help?: { readonly section: Section; readonly text: string; readonly as?: string };
}

/** Headings of `flux --help`, in order. */
export const sections = {
  submission: "run and submit jobs, allocate resources",
  jobs: "list and interact with jobs",
  instance: "get resource, queue and other instance information",
  other: "other useful commands",
} as const;
export type Section = keyof typeof sections;

/** A line of `flux --help`. */
function helpText(section: Section, text: string, as?: string): NonNullable<CommandEntry["help"]> {
  return { section, text, ...(as && { as }) };
}

/** Every command of the `flux` command line: one line each, file `commands/NAME.ts`. */
export const commands: { readonly [name: string]: CommandEntry } = {
  broker: { load: () => import("./commands/broker.ts") },
  dmesg: { load: () => import("./commands/dmesg.ts") },
  env: {
    load: () => import("./commands/env.ts"),
    help: helpText("other", "Print the flux environment or execute a command inside it"),
  },
  event: { load: () => import("./commands/event.ts") },
  getattr: { load: () => import("./commands/getattr.ts") },
  help: { load: () => import("./commands/help.ts") },
  keygen: { load: () => import("./commands/keygen.ts") },
  logger: { load: () => import("./commands/logger.ts") },
  lsattr: { load: () => import("./commands/lsattr.ts") },
  module: { load: () => import("./commands/module.ts") },
  ping: { load: () => import("./commands/ping.ts") },
  python: { load: () => import("./commands/python.ts") },
  queue: {
    load: () => import("./commands/queue.ts"),
    help: helpText("instance", "list and manipulate flux queues"),
  },
  setattr: { load: () => import("./commands/setattr.ts") },
  shutdown: { load: () => import("./commands/shutdown.ts") },
  start: { load: () => import("./commands/start.ts") },
  uptime: {
    load: () => import("./commands/uptime.ts"),
    help: helpText("instance", "Tell how long Flux has been up and running"),
  },
  version: {
    load: () => import("./commands/version.ts"),
    help: helpText("other", "Display flux version information"),
  },
};
