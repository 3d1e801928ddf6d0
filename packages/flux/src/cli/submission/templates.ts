import { CommandError } from "../usage-error.ts";
import type { BulkJobOptions } from "./bulk.ts";

/** What stands for `{FIELD}` in a command or an option; undefined if nothing does. */
export type Replacements = (field: string) => string | undefined;
type Fields = Replacements | Readonly<Record<string, string>>;

/** Options with placeholders, and how they are written. */
export const replaceable: Readonly<Record<string, string>> = {
  queue: "-q",
  bank: "-B",
  ntasks: "-n",
  nodes: "-N",
  coresPerTask: "-c",
  gpusPerTask: "-g",
  cores: "--cores=",
  tasksPerNode: "--tasks-per-node=",
  tasksPerCore: "--tasks-per-core=",
  gpusPerNode: "--gpus-per-node=",
  timeLimit: "-t",
  env: "--env=",
  envFile: "--env-file=",
  envRemove: "--env-remove=",
  urgency: "--urgency=",
  setopt: "-o ",
  setattr: "--setattr=",
  jobName: "--job-name=",
  input: "--input=",
  output: "--output=",
  error: "--error=",
  cc: "--cc=",
  bcc: "--bcc=",
  log: "--log=",
  logStderr: "--log-stderr=",
  dependency: "--dependency=",
  taskmap: "--taskmap=",
  requires: "--requires=",
  waitEvent: "--wait-event=",
  cwd: "--cwd=",
  flags: "--flags=",
  beginTime: "--begin-time=",
  signal: "--signal=",
};

/** Marks where one word becomes several. */
export const listSeparator = "::list::";

/** The words of a command with their `{FIELD}`s replaced. */
export function expandCommand(command: readonly string[], fields: Fields): string[] {
  return command.flatMap((word) => {
    const expanded = expand(word, lookup(fields));
    if (expanded === undefined) {
      throw new CommandError(`Invalid replacement string in command: '${word}'`, 1, "flux");
    }
    return expanded.split(listSeparator);
  });
}

/** Options with the `{FIELD}`s in their texts replaced. */
export function expandOptions(options: BulkJobOptions, fields: Fields): BulkJobOptions {
  const replace = lookup(fields);
  const changed: Record<string, unknown> = {};
  for (const [key, spelled] of Object.entries(replaceable)) {
    const given = options[key as keyof BulkJobOptions];
    const one = (text: string): string => {
      const expanded = expand(text, replace);
      if (expanded !== undefined) return expanded;
      const field = /\{([^{}]*)\}/.exec(text)?.[1] ?? "";
      throw new CommandError(
        `Replacement key '${field}' not found in '${spelled}${text}'`,
        1,
        "flux",
      );
    };
    if (typeof given === "string") changed[key] = one(given);
    else if (Array.isArray(given)) changed[key] = given.map(one);
  }
  return { ...options, ...changed };
}

const lookup = (fields: Fields): Replacements =>
  typeof fields === "function"
    ? fields
    : (field) => (Object.hasOwn(fields, field) ? fields[field] : undefined);

/** Text with its `{FIELD}`s replaced; `{{...}}` belongs to the job shell and stays. */
function expand(text: string, replace: Replacements): string | undefined {
  if (!text.includes("{")) return text;
  let isComplete = true;
  const expanded = text.replace(
    /(\{\{.*?\}\})|\{([^{}]*)\}/gs,
    (_match, tag: string | undefined, field: string) => {
      if (tag !== undefined) return tag;
      const value = replace(field);
      isComplete &&= value !== undefined;
      return value ?? "";
    },
  );
  return isComplete ? expanded : undefined;
}
