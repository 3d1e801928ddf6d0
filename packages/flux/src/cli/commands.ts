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

/** Every command of the `flux` command line: one line each, file `commands/NAME.ts`. */
export const commands: { readonly [name: string]: CommandEntry } = {
  getattr: { load: () => import("./commands/getattr.ts") },
};

export function helpText(section: Section, text: string, as?: string): CommandEntry["help"] {
  return { section, text, ...(as && { as }) };
}
