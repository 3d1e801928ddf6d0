import type { Environment } from "../environment.ts";
import { OutputFormat } from "../output/format.ts";
import { type FormatSource, formatNamed } from "../output/named-formats.ts";
import type { Output } from "../output/output.ts";
import { CommandError } from "../usage-error.ts";
import { headingsOf } from "./job-fields.ts";

export interface JobFormat {
  readonly text: string;
  readonly format: OutputFormat;
}

/** The format that `-o` asks for; undefined when something was printed instead. */
export async function jobFormat(
  given: string,
  source: FormatSource,
  near: { readonly env: Environment; readonly out: Output },
): Promise<JobFormat | undefined> {
  const text = await formatNamed(given, source, near);
  if (text === undefined) return undefined;
  try {
    return { text, format: new OutputFormat(text, headingsOf(text)) };
  } catch (error) {
    throw new CommandError(`Error in user format: ${(error as Error).message}`);
  }
}
