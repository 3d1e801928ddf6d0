import type { Occurrence } from "../command.ts";
import type { Options } from "../option.ts";

/** A command line, taken apart by the rules of a dialect. */
export interface Parsed {
  readonly options: Record<string, unknown>;
  readonly occurrences: Occurrence[];
  readonly positionals: string[];
  /** `-h` or `--help[=TOPIC]` was given: nothing else matters. */
  help?: { topic: string | undefined };
}

export function emptyParsed(options: Options): Parsed {
  const initial: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(options)) initial[key] = option.initial;
  return { options: initial, occurrences: [], positionals: [] };
}
