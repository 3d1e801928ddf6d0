import { type Options, spellingOf } from "../option.ts";
import { UsageError } from "../usage-error.ts";
import { type Known, OptionTable } from "./option-table.ts";
import { emptyParsed, type Parsed } from "./parsed.ts";

/**
 * Dialect A: getopt_long(3) in POSIX order. Options end at the first positional or at `--`; long
 * options may be cut to a unique prefix; an optional value counts only if it is glued on.
 */
export function parseGetopt(options: Options, argv: readonly string[]): Parsed {
  return new Getopt(options, argv).run();
}

class Getopt {
  readonly #table: OptionTable;
  readonly #argv: readonly string[];
  readonly #parsed: Parsed;
  #next = 0;

  constructor(options: Options, argv: readonly string[]) {
    this.#table = new OptionTable(options);
    this.#argv = argv;
    this.#parsed = emptyParsed(options);
  }

  run(): Parsed {
    while (this.#next < this.#argv.length && !this.#parsed.help) {
      const token = this.#argv[this.#next]!;
      if (token === "-" || !token.startsWith("-")) break;
      this.#next++;
      if (token === "--") break;
      if (token.startsWith("--")) this.#long(token);
      else this.#cluster(token);
    }
    this.#parsed.positionals.push(...this.#argv.slice(this.#next));
    return this.#parsed;
  }

  #long(token: string): void {
    const equals = token.indexOf("=");
    const name = equals < 0 ? token.slice(2) : token.slice(2, equals);
    const glued = equals < 0 ? undefined : token.slice(equals + 1);
    const known = this.#table.abbreviated(name);
    if (!known) {
      if (name.length > 0 && "help".startsWith(name)) this.#parsed.help = { topic: undefined };
      else throw unrecognized(token);
      return;
    }
    if (known.spelling.argument === "none") {
      if (glued !== undefined) throw unrecognized(token);
      this.#use(known, undefined);
    } else if (known.spelling.argument === "optional" || glued !== undefined) {
      this.#use(known, glued);
    } else {
      this.#use(known, this.#following(token));
    }
  }

  #cluster(token: string): void {
    for (let i = 1; i < token.length; i++) {
      const letter = token[i]!;
      const known = this.#table.short(letter);
      if (!known) {
        if (letter !== "h") throw unrecognized(`-${letter}`);
        this.#parsed.help = { topic: undefined };
        return;
      }
      const rest = token.slice(i + 1);
      switch (known.spelling.argument) {
        case "none":
          this.#use(known, undefined);
          break;
        case "optional":
          if (!known.option.shortTakesValue) {
            this.#use(known, undefined);
            break;
          }
          this.#use(known, rest === "" ? undefined : rest);
          return;
        case "required":
          this.#use(known, rest === "" ? this.#following(`-${letter}`) : rest);
          return;
      }
    }
  }

  #following(spelledAs: string): string {
    const value = this.#argv[this.#next++];
    if (value === undefined) throw new UsageError(`'${spelledAs}' missing argument`, "none");
    return value;
  }

  #use({ key, option }: Known, text: string | undefined): void {
    const { options, occurrences } = this.#parsed;
    try {
      options[key] = option.accept(options[key], text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(refusal(option.spec, error.message), "option");
    }
    occurrences.push({ key, text });
  }
}

function unrecognized(token: string): UsageError {
  return new UsageError(`unrecognized option '${token}'`, "try");
}

function refusal(spec: string, text: string): string {
  const { long, short } = spellingOf(spec);
  const name = long ?? short ?? "";
  if (text.startsWith("invalid int value")) return `Option '${name}' requires an integer argument`;
  return text;
}
