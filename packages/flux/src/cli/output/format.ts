import {
  type Column,
  columnOf,
  type FieldOf,
  isNothing,
  layoutOf,
  lineOf,
  widened,
} from "./format-column.ts";
import { parseFormat, type Segment, segmentText } from "./format-string.ts";
import { lengthOf, parseSpec } from "./format-value.ts";
import { compareValues } from "./sort-values.ts";

export interface SortKey {
  readonly field: string;
  readonly descending: boolean;
}

export interface PrintOptions {
  readonly noHeader?: boolean;
  /** Cut lines here, marking them with `+`. */
  readonly width?: number | undefined;
}

export interface PrintedLine<Item> {
  readonly text: string;
  /** Missing for the header. */
  readonly item?: Item;
}

/**
 * A format of `-o`: Python's format strings with Flux's extensions (conversions `!d !D !F !H !P`,
 * `h` and `+` at the end of a specification, columns marked `?:` and `+:`, a `sort:KEYS` prefix).
 * `headings` has those of all fields there are.
 */
export class OutputFormat {
  readonly #segments: readonly Segment[];
  readonly #columns: readonly Column[];
  readonly #headings: Readonly<Record<string, string>>;
  #sortKeys: readonly SortKey[] = [];

  /** Throws Error for malformed formats and unknown fields. */
  constructor(format: string, headings: Readonly<Record<string, string>>) {
    this.#headings = headings;
    const { segments, keys } = withoutSortPrefix(parseFormat(format));
    this.#segments = segments;
    this.#columns = segments.map(columnOf);
    for (const { field } of this.#columns) {
      if (field !== "" && !Object.hasOwn(headings, field)) {
        throw new Error(`Unknown format field: ${field}`);
      }
    }
    if (keys !== undefined) this.sortBy(keys);
  }

  /** Fields that are shown or sorted by. */
  get fields(): string[] {
    const shown = this.#columns.map(({ field }) => field).filter((field) => field !== "");
    return [...new Set([...shown, ...this.#sortKeys.map(({ field }) => field)])];
  }

  get isSorted(): boolean {
    return this.#sortKeys.length > 0;
  }

  /** Sort by these keys, `-` before a key for descending order. Throws Error for an unknown one. */
  sortBy(keys: string): void {
    this.#sortKeys = keys
      .split(",")
      .map((key) => key.trim())
      .filter((key) => key !== "")
      .map((key) => {
        const descending = key.startsWith("-");
        const field = descending ? key.slice(1) : key;
        if (!Object.hasOwn(this.#headings, field)) throw new Error(`Invalid sort key: ${field}`);
        return { field, descending };
      });
  }

  /** The same format without these fields; text before them goes, too, unless it says something. */
  without(fields: ReadonlySet<string>): OutputFormat {
    const kept = this.#segments.flatMap((segment) => {
      if (!fields.has(segment.field)) return [segmentText(segment)];
      const said = segment.text.replace(/(\?\+:|\?:|\+:)$/, "").trim();
      return said === "" ? [] : [segmentText({ ...segment, field: "" })];
    });
    const copy = new OutputFormat(kept.join(""), this.#headings);
    copy.#sortKeys = this.#sortKeys;
    return copy;
  }

  /** The text of one item: columns as the format says, growing ones at their least width. */
  format<Item>(item: Item, fieldOf: FieldOf<Item>): string {
    return lineOf(this.#columns, item, fieldOf);
  }

  /** What tells items apart: their line without the layout of growing columns. */
  keyOf<Item>(item: Item, fieldOf: FieldOf<Item>): string {
    const plain = this.#columns.map((column) =>
      column.grows ? { ...column, text: "", spec: "" } : column,
    );
    return lineOf(plain, item, fieldOf);
  }

  sorted<Item>(items: readonly Item[], fieldOf: FieldOf<Item>): Item[] {
    const sorted = [...items];
    for (const { field, descending } of this.#sortKeys.toReversed()) {
      const sign = descending ? -1 : 1;
      sorted.sort((a, b) => sign * compareValues(fieldOf(a, field), fieldOf(b, field)));
    }
    return sorted;
  }

  /** The header, unless it is not wanted, then a line for each item that is not blank. */
  *lines<Item>(
    items: readonly Item[],
    fieldOf: FieldOf<Item>,
    { noHeader = false, width }: PrintOptions = {},
  ): IterableIterator<PrintedLine<Item>> {
    const fitted = this.fitted(items, fieldOf, noHeader);
    if (!noHeader) yield { text: fitted.header(width) };
    for (const item of fitted.sorted(items, fieldOf)) {
      const text = fitted.format(item, fieldOf);
      if (text.trim() !== "") yield { text: cut(text, width), item };
    }
  }

  /** The format for just these items: without empty optional columns, grown to the longest values. */
  fitted<Item>(items: readonly Item[], fieldOf: FieldOf<Item>, noHeader = false): OutputFormat {
    const kept = this.#columns.flatMap((column) => {
      if (!column.isOptional && !column.grows) return [column];
      const bare = [{ ...column, text: "", spec: "" }];
      let longest = 0;
      for (const item of items) {
        const text = lineOf(bare, item, fieldOf);
        if (!isNothing(text)) longest = Math.max(longest, lengthOf(text));
      }
      if (longest === 0 && column.isOptional) return [];
      if (!column.grows) return [column];
      const heading = noHeader ? 0 : lengthOf(this.#headings[column.field] ?? "");
      return [{ ...column, spec: widened(column.spec, Math.max(longest, heading)) }];
    });
    const fitted = new OutputFormat(kept.map(segmentText).join(""), this.#headings);
    fitted.#sortKeys = this.#sortKeys;
    return fitted;
  }

  /** Headings, with each field's align and width. */
  header(width?: number): string {
    const plain = this.#columns.map((column) => {
      const { align = "", width: least = 0 } = parseSpec(layoutOf(column.spec)) ?? {};
      return { ...column, conversion: "", spec: `${align}${least || ""}` };
    });
    return cut(
      lineOf(plain, this.#headings, (headings, field) => headings[field]),
      width,
    );
  }
}

function withoutSortPrefix(segments: Segment[]): { segments: Segment[]; keys?: string } {
  const [first, ...rest] = segments;
  const match = first && /^sort:([^{\s]+) ?/.exec(first.text);
  if (!match) return { segments };
  return {
    segments: [{ ...first, text: first.text.slice(match[0].length) }, ...rest],
    keys: match[1]!,
  };
}

function cut(text: string, width: number | undefined): string {
  if (width === undefined || width <= 0 || lengthOf(text) <= width) return text;
  return `${Array.from(text)
    .slice(0, width - 1)
    .join("")}+`;
}
