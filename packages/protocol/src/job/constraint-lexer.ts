/** Splits constraint query text (RFC 35) into tokens, as flux-core's commands do. */
import { FluxError } from "../rpc/error.ts";

export type QueryTokenKind = "not" | "and" | "or" | "-" | "(" | ")" | "term";

export interface QueryToken {
  readonly kind: QueryTokenKind;
  readonly text: string;
  /** Index in the query. */
  readonly position: number;
}

// The words are only themselves: `nothing` is a term, but `not-a` negates twice.
const rules: readonly (readonly [kind: QueryTokenKind, pattern: RegExp])[] = [
  ["-", /-/y],
  ["not", /not(?![\p{L}\p{N}_])/uy],
  ["and", /&{1,2}|and(?![\p{L}\p{N}_])/uy],
  ["or", /\|{1,2}|or(?![\p{L}\p{N}_])/uy],
  ["(", /\(/y],
  [")", /\)/y],
  ["term", /[^()|&\s"']+/y],
];

/** Tokens in order, found when asked for, so that the first error in the text is the one reported. */
export function* queryTokens(query: string): IterableIterator<QueryToken> {
  let prefix = ""; // a term that ends in a colon waits for its operand, which may be quoted
  for (let position = 0; position < query.length; ) {
    const char = query[position]!;
    if (/[ \t\r\n\f\v]/.test(char)) {
      position++;
      continue;
    }
    const quoted = char === "'" || char === '"';
    const token = quoted ? quotedTerm(query, position) : plainToken(query, position);
    const start = quoted ? position + 1 : position;
    position += token.text.length + (quoted ? 2 : 0);
    if (token.kind !== "term") {
      yield { ...token, position: start };
    } else if (prefix === "" && token.text.endsWith(":")) {
      prefix = token.text;
    } else if (token.text !== "") {
      yield { kind: "term", text: prefix + token.text, position: start };
      prefix = "";
    }
  }
  if (prefix !== "") throw new FluxError("EINVAL", `Missing argument to token '${prefix}'`);
}

function plainToken(query: string, position: number): Omit<QueryToken, "position"> {
  for (const [kind, pattern] of rules) {
    pattern.lastIndex = position;
    const text = pattern.exec(query)?.[0];
    if (text !== undefined) return { kind, text };
  }
  const text = `Illegal character '${query[position]}' at position ${position}`;
  throw new FluxError("EINVAL", text);
}

function quotedTerm(query: string, position: number): Omit<QueryToken, "position"> {
  const quote = query[position]!;
  const end = query.indexOf(quote, position + 1);
  if (end < 0) {
    const shown = quote === "'" ? `"'"` : `'"'`;
    throw new FluxError("EINVAL", `Unclosed quote ${shown} at position ${position + 1}`);
  }
  return { kind: "term", text: query.slice(position + 1, end) };
}
