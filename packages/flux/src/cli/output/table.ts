import { CommandError } from "../usage-error.ts";
import { OutputFormat } from "./format.ts";
import type { FieldOf } from "./format-column.ts";
import type { Output } from "./output.ts";

interface Table<Item> {
  readonly format: string;
  readonly headings: Readonly<Record<string, string>>;
  readonly items: readonly Item[];
  readonly fieldOf: FieldOf<Item>;
  readonly noHeader: boolean;
}

/** Parse `-o`'s format; mistakes are the person's, and end the command. */
export function parseOutputFormat(
  format: string,
  headings: Readonly<Record<string, string>>,
): OutputFormat {
  try {
    return new OutputFormat(format, headings);
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}

/** Print items in a format, with its header. */
export function printTable<Item>(out: Output, table: Table<Item>): void {
  const { format, headings, items, fieldOf, noHeader } = table;
  const parsed = parseOutputFormat(format, headings);
  for (const { text } of parsed.lines(items, fieldOf, { noHeader })) out.line(text);
}
