import { type Option, type Options, type Spelling, spellingOf } from "../option.ts";

/** An option that was found by one of its spellings. */
export interface Known {
  readonly key: string;
  readonly option: Option<unknown>;
  readonly spelling: Spelling;
}

/** A command's options by spelling. */
export class OptionTable {
  readonly #short = new Map<string, Known>();
  readonly #long = new Map<string, Known>();

  constructor(options: Options) {
    for (const [key, option] of Object.entries(options)) {
      const spelling = spellingOf(option.spec);
      const known = { key, option, spelling };
      if (spelling.short) this.#short.set(spelling.short, known);
      if (spelling.long) this.#long.set(spelling.long, known);
      for (const alias of option.aliases ?? []) {
        if (alias.startsWith("--")) this.#long.set(alias.slice(2), known);
        else this.#short.set(alias.slice(1), known);
      }
    }
  }

  short(letter: string): Known | undefined {
    return this.#short.get(letter);
  }

  long(name: string): Known | undefined {
    return this.#long.get(name);
  }

  /** The only long option that begins with `prefix`; undefined if there are none or several. */
  abbreviated(prefix: string): Known | undefined {
    const exact = this.#long.get(prefix);
    if (exact) return exact;
    const matches = new Set<Known>();
    for (const [name, known] of this.#long) if (name.startsWith(prefix)) matches.add(known);
    const [only] = matches;
    return matches.size === 1 ? only : undefined;
  }

  /** How argparse names an option in its messages: `-c/--count`. */
  static nameOf({ spelling, option }: Known): string {
    const names: string[] = [];
    if (spelling.short) names.push(`-${spelling.short}`);
    if (spelling.long) names.push(`--${spelling.long}`);
    names.push(...(option.aliases ?? []));
    return names.join("/");
  }
}
