import { readFileSync } from "node:fs";
import { submitJobspec } from "@flux-ts/client/job";
import { fromBatch } from "@flux-ts/protocol/job/from-batch";
import { type Context, command, type Occurrence } from "../command.ts";
import { jobIdText } from "../job-text.ts";
import { flag, type Options, type OptionValues } from "../option.ts";
import { parseArgparse } from "../parse/argparse.ts";
import { emptyParsed } from "../parse/parsed.ts";
import { type Directive, parseDirectives } from "../submission/directives.ts";
import {
  instanceGroups,
  instanceJobspec,
  instanceOptions,
} from "../submission/instance-options.ts";
import { callerOf } from "../submission/job-options.ts";
import { readNamed } from "../submission/key-values.ts";
import { shapeOptions } from "../submission/options.ts";
import { pluginTopics, printPlugins } from "../submission/plugins.ts";
import { requestOptions } from "../submission/request.ts";
import { CommandError, UsageError } from "../usage-error.ts";

const usage = "[OPTIONS...] [SCRIPT] [ARGS...]";
const batchOptions = {
  ...instanceOptions,
  wrap: flag("--wrap", "Wrap arguments or stdin in a /bin/sh script"),
  ...shapeOptions,
};
type BatchOptions = OptionValues<typeof batchOptions>;
type BatchContext = Context<BatchOptions, { script: readonly string[] }>;

export default command({
  name: "batch",
  summary: "submit a batch script to Flux",
  dialect: "C",
  usage,
  description:
    "Submit a batch SCRIPT and ARGS to be run as the initial program of a Flux instance. If no batch script is provided, one will be read from stdin.",
  longHelpOnly: true,
  helpTopics: pluginTopics,
  args: { script: "[SCRIPT...]" },
  argHelp: { script: "Batch script and arguments to submit" },
  options: batchOptions,
  optionGroups: instanceGroups,
  async run(context) {
    const { out, env } = context;
    if (context.options.listPlugins) {
      printPlugins(out);
      return 0;
    }
    const { script, name, args, options, occurrences } = readScript(context);
    const jobspec = await instanceJobspec(options, occurrences, callerOf(context), (given) =>
      fromBatch(options.wrap ? `#!/bin/sh\n${script}` : script, name, { ...given, args }),
    );
    if (options.dryRun) {
      out.json(jobspec);
      return 0;
    }
    const id = await submitJobspec(await context.flux(), jobspec, requestOptions(options));
    if (!options.quiet) out.line(jobIdText(id, env));
    return 0;
  },
});

interface BatchScript {
  readonly script: string;
  /** What the job is called without `--job-name`. */
  readonly name: string;
  readonly args: readonly string[];
  /** Of the script's directives, then of the command line. */
  readonly options: BatchOptions;
  readonly occurrences: readonly Occurrence[];
}

function readScript(context: BatchContext): BatchScript {
  const { args, options, occurrences } = context;
  const [path, ...rest] = args.script[0] === "--" ? args.script.slice(1) : args.script;
  if (options.wrap && path !== undefined) {
    const script = `${[path, ...rest].join(" ")}\n`;
    return { script, name: path, args: rest, options, occurrences };
  }
  const bytes = path === undefined ? readFileSync(0) : readNamed(path);
  const source = path ?? "stdin";
  const script = decoded(bytes, source);
  const directives = directivesOf(script, source);
  const given = [
    ...directives.flatMap((each) => occurrencesOf(each, source, context)),
    ...occurrences,
  ];
  return {
    script,
    name: path ?? "batch",
    args: rest,
    options: directives.length === 0 ? options : applied(given),
    occurrences: given,
  };
}

function decoded(bytes: Uint8Array, name: string): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.replace(/\r\n?/g, "\n");
  } catch {
    throw new CommandError(`${name} does not appear to be a script, or failed to encode as utf-8`);
  }
}

function directivesOf(script: string, name: string): Directive[] {
  try {
    return parseDirectives(script);
  } catch (error) {
    throw new CommandError(`${name}: ${(error as Error).message}`);
  }
}

/** Options that a directive gives. Throws CommandError with status 2 if it is misused. */
function occurrencesOf(
  { args, line }: Directive,
  name: string,
  { err }: BatchContext,
): readonly Occurrence[] {
  try {
    const rules = { stopAtPositional: true, longHelpOnly: true };
    return parseArgparse(batchOptions, args, rules).occurrences;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    err.line(`usage: flux batch ${usage}`);
    err.line(`flux batch: error: ${error.message}`);
    throw new CommandError(`argument parsing failed at ${name} line ${line}`, 2);
  }
}

function applied(given: readonly Occurrence[]): BatchOptions {
  const { options } = emptyParsed(batchOptions);
  const declared: Options = batchOptions;
  for (const { key, text } of given) options[key] = declared[key]!.accept(options[key], text);
  return options as BatchOptions;
}
