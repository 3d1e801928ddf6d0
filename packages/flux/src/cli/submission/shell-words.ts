const quotes = new Set(["'", '"']);
const operators = new Set("();<>|&");
const blanks = new Set(" \t\r\n");

/**
 * Words of a line as a POSIX shell separates them, as RFC 36 has directives: quotes, `\` (also within
 * both kinds of quotes), operators such as `&&` as words of their own, `#` and what follows ignored.
 * Throws Error for a quote that is not closed.
 */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let next = 0;
  for (;;) {
    while (next < line.length && blanks.has(line[next]!)) next++;
    if (next >= line.length) return words;
    if (line[next] === "#") {
      next = endOfLine(line, next);
    } else if (operators.has(line[next]!)) {
      const start = next;
      while (next < line.length && operators.has(line[next]!)) next++;
      words.push(line.slice(start, next));
    } else {
      const word = readWord(line, next);
      words.push(word.text);
      next = word.end;
    }
  }
}

function readWord(line: string, start: number): { text: string; end: number } {
  let text = "";
  let next = start;
  while (next < line.length) {
    const char = line[next]!;
    if (blanks.has(char) || operators.has(char)) break;
    if (char === "#") return { text, end: endOfLine(line, next) };
    if (quotes.has(char)) {
      const quoted = readQuoted(line, next);
      text += quoted.text;
      next = quoted.end;
    } else if (char === "\\") {
      const escaped = line[next + 1];
      if (escaped === undefined) throw new Error("No escaped character");
      text += escaped;
      next += 2;
    } else {
      text += char;
      next++;
    }
  }
  return { text, end: next };
}

function readQuoted(line: string, start: number): { text: string; end: number } {
  const quote = line[start]!;
  let text = "";
  for (let i = start + 1; i < line.length; i++) {
    const char = line[i]!;
    if (char === quote) return { text, end: i + 1 };
    const following = line[i + 1];
    if (char === "\\" && following === undefined) throw new Error("No escaped character");
    if (char === "\\" && (following === quote || following === "\\")) {
      text += following;
      i++;
    } else {
      text += char;
    }
  }
  throw new Error("No closing quotation");
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end + 1;
}

/** A text as one word of a shell. */
export function quoted(text: string): string {
  if (text !== "" && /^[\w@%+=:,./-]*$/.test(text)) return text;
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
