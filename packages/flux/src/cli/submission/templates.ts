import { extname } from "node:path";
import { parseFormat } from "../output/format-string.ts";
import { applySpec, type FieldValue, parseSpec, textOf } from "../output/format-value.ts";
import { CommandError } from "../usage-error.ts";
import type { BulkJobOptions } from "./bulk.ts";

/** What stands for the `{FIELD}`s of a command and its options. */
export interface Replacements {
  /** `{}`, `{0}`, `{1}`...; `{0.METHOD}` is an input changed by a method. */
  readonly inputs?: readonly string[];
  /** `{seq}`, `{cc}`... */
  readonly names: Readonly<Record<string, string | number>>;
  /** The person's own methods; undefined for an unknown one. */
  readonly method?: (name: string, input: string) => FieldValue;
}

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

/** A field that nothing stands for. */
class UnknownField extends Error {
  readonly field: string;
  readonly isIndex: boolean;

  constructor(field: string, isIndex: boolean) {
    super(`nothing stands for {${field}}`);
    this.field = field;
    this.isIndex = isIndex;
  }
}

/** The words of a command with their `{FIELD}`s replaced. */
export function expandCommand(command: readonly string[], replacements: Replacements): string[] {
  return command.flatMap((word) => {
    try {
      return expand(word, replacements).split(listSeparator);
    } catch (error) {
      if (!(error instanceof UnknownField)) throw error;
      throw new CommandError(`Invalid replacement string in command: '${word}'`, 1, "flux");
    }
  });
}

/** Options with the `{FIELD}`s in their texts replaced. */
export function expandOptions<O extends BulkJobOptions>(options: O, replacements: Replacements): O {
  const changed: Record<string, unknown> = {};
  for (const [key, spelled] of Object.entries(replaceable)) {
    const given = options[key as keyof BulkJobOptions];
    try {
      if (typeof given === "string") changed[key] = expand(given, replacements);
      else if (Array.isArray(given)) changed[key] = given.map((text) => expand(text, replacements));
    } catch (error) {
      if (!(error instanceof UnknownField)) throw error;
      const text = error.isIndex
        ? `Invalid replacement index in ${spelled}${shown(given)}'`
        : `Replacement key '${error.field}' not found in '${spelled}${shown(given)}'`;
      throw new CommandError(text, 1, "flux");
    }
  }
  return { ...options, ...changed };
}

/** An option's value as Python prints it. */
export function shown(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  const quoted = value.map((each) => {
    const text = String(each);
    return text.includes("'") && !text.includes('"')
      ? `"${text}"`
      : `'${text.replace(/'/g, "\\'")}'`;
  });
  return `[${quoted.join(", ")}]`;
}

// `{{...}}` belongs to the job shell and stays as it is.
const openTag = "\u{e000}";
const closeTag = "\u{e001}";
/** Stands in a field for the number that was left out. */
const nextInput = "\u{e002}";

/** Text with its fields replaced. Throws UnknownField, or Error as Python words it. */
function expand(text: string, replacements: Replacements): string {
  if (!/[{}]/.test(text)) return text;
  const template = text
    .replaceAll("{{", openTag)
    .replaceAll("}}", closeTag)
    .replace(/\{(?=[}.:!])/g, `{${nextInput}`);
  const numbers = { next: 0, isGiven: false };
  let expanded = "";
  for (const { text: before, field, spec } of parseFormat(template)) {
    expanded += before;
    if (field !== "") expanded += valueText(field, spec, replacements, numbers);
  }
  return expanded.replaceAll(openTag, "{{").replaceAll(closeTag, "}}");
}

function valueText(
  field: string,
  spec: string,
  { inputs = [], names, method }: Replacements,
  numbers: { next: number; isGiven: boolean },
): string {
  const [, first = "", attribute] = /^([^.]*)(?:\.(.*))?$/s.exec(field) ?? [];
  const isNext = first === nextInput;
  if (!isNext && !/^\d+$/.test(first)) {
    const value = Object.hasOwn(names, first) ? names[first] : undefined;
    if (value === undefined) throw new UnknownField(first, false);
    return formatted(value, spec);
  }
  checkNumbering(isNext, numbers);
  const input = inputs[isNext ? numbers.next++ : Number(first)];
  if (input === undefined) throw new UnknownField(first, true);
  if (attribute !== undefined) {
    return formatted(
      builtinMethod(attribute, input) ?? method?.(attribute, input),
      spec,
      attribute,
    );
  }
  if (spec !== "") throw new Error("unsupported format string passed to Xinput.__format__");
  return input;
}

function checkNumbering(isNext: boolean, numbers: { next: number; isGiven: boolean }): void {
  const [manual, automatic] = ["manual field specification", "automatic field numbering"];
  if (isNext && numbers.isGiven) throw new Error(`cannot switch from ${manual} to ${automatic}`);
  if (!isNext && numbers.next > 0) throw new Error(`cannot switch from ${automatic} to ${manual}`);
  numbers.isGiven ||= !isNext;
}

/** Parts of an input as a path. */
function builtinMethod(name: string, input: string): string | undefined {
  const stem = input.slice(0, input.length - extname(input).length);
  switch (name) {
    case "%":
      return stem;
    case "/":
      return input.slice(input.lastIndexOf("/") + 1);
    case "//":
      return folderOf(input);
    case "/%":
      return stem.slice(stem.lastIndexOf("/") + 1);
    default:
      return undefined;
  }
}

/** As Python's `os.path.dirname`: empty without a slash. */
function folderOf(path: string): string {
  const head = path.slice(0, path.lastIndexOf("/") + 1);
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, "");
}

function formatted(value: FieldValue, spec: string, method?: string): string {
  if (value === undefined) throw new Error(`Unknown input string method '.${method}'`);
  if (spec === "") return textOf(value);
  const parsed = parseSpec(spec);
  if (!parsed) throw new Error(`Invalid format specifier '${spec}'`);
  return applySpec(value, parsed);
}
