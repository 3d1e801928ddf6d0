/** A word, or a part of one up to a hyphen between letters, where Python's textwrap breaks it, too. */
const pieces = /\s+|[^\s]+?(?:-(?:(?<=\p{L}{2}-)|(?<=\p{L}-\p{L}-))(?=\p{L}-?\p{L})|(?=\s|$))/gu;

/** Text in lines of at most `width` columns, broken at blanks and hyphens. Longer words stay whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  let blank = "";
  for (const [piece] of text.matchAll(pieces)) {
    if (/^\s/.test(piece)) {
      blank = " ";
    } else if (line !== "" && line.length + blank.length + piece.length > width) {
      lines.push(line);
      line = piece;
      blank = "";
    } else {
      line += (line === "" ? "" : blank) + piece;
      blank = "";
    }
  }
  if (line !== "") lines.push(line);
  return lines;
}
