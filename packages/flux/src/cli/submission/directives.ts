import { quoted, shellWords } from "./shell-words.ts";

/** Options of the submission that a line of a script gives. */
export interface Directive {
  readonly args: readonly string[];
  /** Line of the script, from 1. */
  readonly line: number;
}

const sentinelPattern = /^([^\p{L}\p{N}_]*)(flux:|FLUX:)(.*)$/u;

/**
 * The directives of a batch script (RFC 36): `# flux: -N4`, with values of several lines in triple
 * quotes. Throws Error that names the line, if they are not well-formed.
 */
export function parseDirectives(script: string): Directive[] {
  const reader = new DirectiveReader();
  for (const [i, line] of script.split("\n").entries()) reader.read(line, i + 1);
  return reader.directives;
}

class DirectiveReader {
  readonly directives: Directive[] = [];
  /** What came before the first directive's text: all others must have the same. */
  #sentinel: { readonly prefix: string; readonly tag: string } | undefined;
  /** The last line that could hold a directive, once code follows. */
  #lastLine: number | undefined;
  #block: QuotedBlock | undefined;

  read(text: string, line: number): void {
    const match = sentinelPattern.exec(text);
    if (!match) {
      this.#other(text, line);
      return;
    }
    const [, prefix = "", tag = "", rest = ""] = match;
    if (this.#lastLine !== undefined) {
      throw new Error(
        `line ${line}: orphan '${tag}' detected: directives disabled after line ${this.#lastLine}`,
      );
    }
    const value = withinLine(rest, line);
    this.#sentinel ??= { prefix, tag };
    this.#checkSentinel(prefix + tag, value, line);
    this.#value(value, line);
  }

  /** A line without a directive: blank lines and comments may come between them, but no code. */
  #other(text: string, line: number): void {
    if (this.#block) {
      const { line: startLine, start } = this.#block;
      throw new Error(
        `line ${line}: unterminated multi-line quote at line ${startLine}: \`${start}'`,
      );
    }
    if (!this.#sentinel || this.#lastLine !== undefined || text.trim() === "") return;
    if (!text.startsWith(this.#sentinel.prefix.trimEnd())) this.#lastLine = line - 1;
  }

  #checkSentinel(found: string, value: string, line: number): void {
    const { prefix, tag } = this.#sentinel!;
    const expected = prefix + tag;
    if (found === expected) return;
    throw new Error(
      [
        `line ${line}: sentinel changed from '${expected}' to '${found}'`,
        "",
        "All directives in a file must use the same sentinel.",
        "",
        "If you're trying to disable this directive, place a comment",
        "character AFTER the sentinel, not in the prefix:",
        "",
        `  ${expected} # ${value.trimStart()}`,
        "",
        "The '#' character comments out the rest of the line, making",
        "this directive a no-op while maintaining the same sentinel.",
      ].join("\n"),
    );
  }

  #value(value: string, line: number): void {
    const block = this.#block;
    if (block?.isClosedBy(value)) {
      this.#block = undefined;
      this.#add(block.close(value), block.line);
    } else if (block) {
      block.add(value);
    } else if (/("""|''')$/.test(value)) {
      this.#block = new QuotedBlock(value, line);
    } else if (value !== "") {
      this.#add(value, line);
    }
  }

  #add(value: string, line: number): void {
    let args: string[];
    try {
      args = shellWords(value);
    } catch (error) {
      throw new Error(`line ${line}: ${value}: ${(error as Error).message}`);
    }
    if (args.length === 0) return;
    if (!args[0]!.startsWith("-")) throw new Error(`line ${line}: Unknown directive: ${value}`);
    this.directives.push({ args, line });
  }
}

/** A value of several lines, from a line that ends in a triple quote to the next such line. */
class QuotedBlock {
  readonly line: number;
  readonly start: string;
  readonly #quotes: string;
  /** White space that the first line began with; it is taken off the others. */
  readonly #indent: string;
  readonly #first: string;
  readonly #lines: string[] = [];

  constructor(value: string, line: number) {
    this.line = line;
    this.start = value.trimStart();
    this.#quotes = value.slice(-3);
    this.#indent = value.slice(0, value.length - this.start.length);
    this.#first = this.#plain(value.slice(0, -3));
  }

  isClosedBy(value: string): boolean {
    return value.endsWith(this.#quotes);
  }

  add(value: string): void {
    this.#lines.push(this.#plain(value));
  }

  /** The option with its value as one quoted word. */
  close(value: string): string {
    this.add(value.slice(0, -3));
    const text = this.#first + quoted(this.#lines.join("\n"));
    if (text.includes(this.#quotes)) {
      throw new Error(`improperly terminated triple quoted string at: \`${this.start}'`);
    }
    return text;
  }

  #plain(value: string): string {
    return value.startsWith(this.#indent) ? value.slice(this.#indent.length) : value;
  }
}

/** Triple quotes that open and close on one line, as usual quotes. */
function withinLine(value: string, line: number): string {
  const isPaired = (quote: string): boolean => {
    const count = value.split(quote).length - 1;
    return count > 0 && count % 2 === 0;
  };
  if (isPaired('"""') || isPaired("'''")) {
    return value.replace(/(["']{3})(.*)\1/, (_match, _quote, text: string) => quoted(text));
  }
  if (/["']{3}./.test(value)) {
    throw new Error(`line ${line}: unclosed triple quote: ${value.trim()}`);
  }
  return value;
}
