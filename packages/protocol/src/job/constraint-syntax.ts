/**
 * Constraint query syntax (RFC 35): `a|b -c host:foo[1-2]` for a constraint object (RFC 31).
 *
 * RFC 35 leaves the binding of terms that only a blank joins open. Here they bind as in flux-core,
 * so that a command line means the same to both: more loosely than `|` before a term or `(`
 * (`a|b c` is `(a|b) c`), more tightly than anything before `-` and `not` (`not a -b` is
 * `not (a -b)`).
 */
import { FluxError } from "../rpc/error.ts";
import type { ConstraintObject } from "./constraint.ts";
import { type QueryToken, queryTokens } from "./constraint-lexer.ts";

/** What the operators of a query are called, and how their operands become values. */
export interface ConstraintSyntax {
  /** Operator of terms that name none; without it, such terms are errors. */
  readonly defaultOperator?: string;
  /** Other names of operators. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Text that separates values within the operand of an operator. */
  readonly separators?: Readonly<Record<string, string>>;
  /** Operators whose terms become one when joined by AND. */
  readonly combined?: readonly string[];
}

/** The syntax of `--requires` in the submission commands. */
export const requiresSyntax: ConstraintSyntax = {
  defaultOperator: "properties",
  aliases: { host: "hostlist", hosts: "hostlist", rank: "ranks" },
  separators: { properties: "," },
  combined: ["properties"],
};

/** Nesting beyond this is a mistake; it also bounds the recursion. */
const MAX_DEPTH = 100;
const Binding = { NONE: -1, TERM: 0, OR: 1, AND: 2, NOT: 3, MINUS: 4 } as const;

/**
 * The constraint a query says.
 * @throws FluxError EINVAL saying where the query is wrong
 */
export function parseConstraintSyntax(
  query: string,
  syntax: ConstraintSyntax = requiresSyntax,
): ConstraintObject {
  return new Parser(query, syntax).parse();
}

/** Precedence climbing: an operator is taken when it binds tighter than what waits to its left. */
class Parser {
  readonly #query: string;
  readonly #syntax: ConstraintSyntax;
  readonly #tokens: Iterator<QueryToken>;
  /** The token at hand; undefined at the end. */
  #token: QueryToken | undefined;
  /** Parentheses open at the token at hand, and where the last one was opened. */
  #open = 0;
  #lastOpened = 0;
  #depth = 0;

  constructor(query: string, syntax: ConstraintSyntax) {
    this.#query = query;
    this.#syntax = syntax;
    this.#tokens = queryTokens(query);
  }

  parse(): ConstraintObject {
    this.#advance();
    const constraint = this.#expression(Binding.NONE);
    if (this.#token) throw this.#unexpected();
    return constraint;
  }

  #expression(left: number): ConstraintObject {
    if (++this.#depth > MAX_DEPTH) throw invalid("constraint is nested too deeply");
    let result = this.#operand();
    for (;;) {
      const kind = this.#token?.kind;
      if (kind === undefined || kind === ")") break;
      if (kind === "or") {
        if (Binding.OR <= left) break;
        this.#advance();
        result = either(result, this.#expression(Binding.OR));
      } else if (kind === "and") {
        if (Binding.AND <= left) break;
        this.#advance();
        result = both(result, this.#expression(Binding.AND), this.#syntax);
      } else {
        if (!joins(kind, left)) break;
        result = both(result, this.#expression(Binding.AND), this.#syntax);
      }
    }
    this.#depth--;
    return result;
  }

  #operand(): ConstraintObject {
    const token = this.#token;
    switch (token?.kind) {
      case "term":
        return this.#term(token);
      case "not":
        this.#advance();
        return { not: [this.#expression(Binding.NOT)] };
      case "-": {
        this.#advance();
        const negated = this.#token;
        if (negated?.kind !== "term") throw this.#unexpected();
        return { not: [this.#term(negated)] };
      }
      case "(": {
        this.#advance();
        const inner = this.#expression(Binding.NONE);
        if (this.#token?.kind !== ")") throw this.#unexpected();
        this.#advance();
        return inner;
      }
      default:
        throw this.#unexpected();
    }
  }

  #term({ text }: QueryToken): ConstraintObject {
    const constraint = termOf(text, this.#syntax);
    this.#advance();
    return constraint;
  }

  #advance(): void {
    const next = this.#tokens.next();
    this.#token = next.done ? undefined : next.value;
    if (this.#token?.kind === ")") this.#open--;
    if (this.#token?.kind !== "(") return;
    this.#open++;
    this.#lastOpened = this.#token.position;
  }

  #unexpected(): FluxError {
    const token = this.#token;
    if (!token) {
      return this.#open > 0
        ? invalid(`Unclosed parenthesis in position ${this.#lastOpened}`)
        : invalid(`Unexpected end of input in '${this.#query}'`);
    }
    return this.#open < 0
      ? invalid(`Mismatched parentheses starting at position ${token.position}.`)
      : invalid(`Invalid token '${token.text}' at position ${token.position}`);
  }
}

/** Whether a token that starts an operand is joined to the operand before it. */
function joins(kind: QueryToken["kind"], left: number): boolean {
  if (kind === "-") return Binding.MINUS > left;
  return kind === "not" ? Binding.NOT >= left : Binding.TERM > left;
}

/** `operator:operand`, or only the operand. */
function termOf(text: string, syntax: ConstraintSyntax): ConstraintObject {
  const colon = text.indexOf(":");
  const given = colon < 0 ? syntax.defaultOperator : text.slice(0, colon);
  if (given === undefined) throw invalid(`Missing required operator in "${text}"`);
  const operator = (colon >= 0 && own(syntax.aliases, given)) || given;
  const forbidden = /[^\p{L}\p{N}_.+@-]/u.exec(operator);
  if (forbidden) throw invalid(`invalid character '${forbidden[0]}' in operator '${operator}:'`);
  const operand = text.slice(colon + 1);
  const separator = own(syntax.separators, operator);
  return { [operator]: separator === undefined ? [operand] : operand.split(separator) };
}

function either(a: ConstraintObject, b: ConstraintObject): ConstraintObject {
  if (!a.or) return { or: [a, b] };
  a.or.push(b);
  return a;
}

/** Both sides; as in flux-core, a conjunction on the left grows, one on the right is nested. */
function both(
  a: ConstraintObject,
  b: ConstraintObject,
  syntax: ConstraintSyntax,
): ConstraintObject {
  if (a.and) {
    a.and.push(b);
    return a;
  }
  for (const operator of syntax.combined ?? []) {
    const [here, there] = [own(a, operator), own(b, operator)];
    if (!here || !there) continue;
    for (const value of there) here.push(value);
    return a;
  }
  return { and: [a, b] };
}

/** A member of the object itself: operators are called as users like, even `constructor`. */
function own<V>(object: Readonly<Record<string, V>> | undefined, key: string): V | undefined {
  return object && Object.hasOwn(object, key) ? object[key] : undefined;
}

function invalid(text: string): FluxError {
  return new FluxError("EINVAL", text);
}
