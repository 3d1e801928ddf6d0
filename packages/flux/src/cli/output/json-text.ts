/**
 * JSON text laid out on lines, `indent` blanks a level. Works on the text, so that numbers stay as the
 * service wrote them: `1.0` does not become `1`.
 */
export function indentJson(json: string, indent: number): string {
  let out = "";
  let depth = 0;
  const newline = (): string => `\n${" ".repeat(depth * indent)}`;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[^\s"{}[\],:]+|[{}[\],:]/g)) {
    switch (token) {
      case "{":
      case "[":
        depth++;
        out += token + newline();
        break;
      case "}":
      case "]":
        depth--;
        // An empty object or array stays on one line.
        out = /[{[]\s*$/.test(out) ? out.trimEnd() + token : out + newline() + token;
        break;
      case ",":
        out += token + newline();
        break;
      case ":":
        out += ": ";
        break;
      default:
        out += token;
    }
  }
  return out;
}

/** JSON text on one line with a blank after each comma and colon, as jansson and Python print it. */
export function spaceJson(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|[,:]/g, (token) =>
    token === "," ? ", " : token === ":" ? ": " : token,
  );
}
