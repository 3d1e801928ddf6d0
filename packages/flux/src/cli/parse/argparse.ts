import type { Options } from "../option.ts";
import { UsageError } from "../usage-error.ts";
import { type Known, OptionTable } from "./option-table.ts";
import { emptyParsed, type Parsed } from "./parsed.ts";

interface ArgparseRules {
  /** Dialect C: the first positional ends the options; what follows is the job's command. */
  readonly stopAtPositional: boolean;
  /** The first positional ends the options, and nothing else is special (`argparse.REMAINDER`). */
  readonly takesRemainder?: boolean;
  /** No `-h`: the submission commands have `--help[=TOPIC]` alone. */
  readonly longHelpOnly: boolean;
}

/** Dialects B and C: Python's argparse without abbreviations. */
export function parseArgparse(
  options: Options,
  argv: readonly string[],
  rules: ArgparseRules,
): Parsed {
  return new Argparse(options, argv, rules).run();
}

class Argparse {
  readonly #table: OptionTable;
  readonly #argv: readonly string[];
  readonly #rules: ArgparseRules;
  readonly #parsed: Parsed;
  /** Reported together at the end, unless something else is wrong first. */
  readonly #unrecognized: string[] = [];
  #next = 0;

  constructor(options: Options, argv: readonly string[], rules: ArgparseRules) {
    this.#table = new OptionTable(options);
    this.#argv = argv;
    this.#rules = rules;
    this.#parsed = emptyParsed(options);
  }

  run(): Parsed {
    const { positionals } = this.#parsed;
    while (this.#next < this.#argv.length && !this.#parsed.help) {
      const token = this.#argv[this.#next++]!;
      if (token === "--") break;
      if (this.#isOption(token)) {
        this.#option(token);
      } else {
        positionals.push(token);
        if (this.#rules.stopAtPositional || this.#rules.takesRemainder) break;
      }
    }
    positionals.push(...this.#argv.slice(this.#next));
    if (!this.#parsed.help && this.#unrecognized.length > 0) {
      throw new UsageError(`unrecognized arguments: ${this.#unrecognized.join(" ")}`);
    }
    return this.#parsed;
  }

  #option(token: string): void {
    if (token.startsWith("--")) {
      const equals = token.indexOf("=");
      const name = equals < 0 ? token.slice(2) : token.slice(2, equals);
      const glued = equals < 0 ? undefined : token.slice(equals + 1);
      const known = this.#table.long(name);
      if (known) this.#take(known, glued);
      else if (name === "help") this.#parsed.help = { topic: glued };
      else this.#unrecognized.push(token);
    } else {
      this.#cluster(token);
    }
  }

  #cluster(token: string): void {
    for (let i = 1; i < token.length; i++) {
      const letter = token[i]!;
      const known = this.#table.short(letter);
      if (!known) {
        if (letter === "h" && !this.#rules.longHelpOnly) this.#parsed.help = { topic: undefined };
        else this.#unrecognized.push(i === 1 ? token : `-${token.slice(i)}`);
        return;
      }
      const rest = token.slice(i + 1);
      if (known.spelling.argument === "none") {
        if (rest.startsWith("=")) this.#take(known, rest.slice(1));
        else this.#take(known, undefined);
        continue;
      }
      // A job's command must not be eaten by `-vn true`, so dialect C takes no separate value here.
      if (rest === "" && i > 1 && this.#rules.stopAtPositional) throw expectsOne(known);
      this.#take(known, rest === "" ? undefined : rest.replace(/^=/, ""));
      return;
    }
  }

  #take(known: Known, glued: string | undefined): void {
    const { argument } = known.spelling;
    if (argument === "none") {
      if (glued !== undefined) throw refused(known, `ignored explicit argument '${glued}'`);
      this.#use(known, undefined);
      return;
    }
    let text = glued;
    const following = this.#argv[this.#next];
    const isValue = following !== undefined && following !== "--" && !this.#isOption(following);
    // argparse gives an optional value the next word, too; in POSIX mode that word is the command.
    if (
      text === undefined &&
      isValue &&
      !(argument === "optional" && this.#rules.stopAtPositional)
    ) {
      text = following;
      this.#next++;
    }
    if (text === undefined && argument === "required") throw expectsOne(known);
    this.#use(known, text);
  }

  /** Unknown words with a dash are options, too, unless they are negative numbers or have blanks. */
  #isOption(token: string): boolean {
    if (!token.startsWith("-") || token === "-") return false;
    const name = token.startsWith("--") ? token.slice(2).replace(/=.*/s, "") : undefined;
    if (name === undefined ? this.#table.short(token[1]!) : this.#table.long(name)) return true;
    return !/^-\d+$|^-\d*\.\d+$/.test(token) && !token.includes(" ");
  }

  #use(known: Known, text: string | undefined): void {
    const { options, occurrences } = this.#parsed;
    const { key, option } = known;
    try {
      options[key] = option.accept(options[key], text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw error.hint === "usage" ? refused(known, error.message) : error;
    }
    occurrences.push({ key, text });
  }
}

function refused(known: Known, text: string): UsageError {
  return new UsageError(`argument ${OptionTable.nameOf(known)}: ${text}`);
}

function expectsOne(known: Known): UsageError {
  return refused(known, "expected one argument");
}
