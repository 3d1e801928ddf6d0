/** A piece of a format string: text, then perhaps a field. */
export interface Segment {
  readonly text: string;
  /** Empty at the end of the string. */
  readonly field: string;
  readonly conversion: string;
  readonly spec: string;
}

/** Take a Python format string apart. Throws Error as Python words it. */
export function parseFormat(format: string): Segment[] {
  const segments: Segment[] = [];
  let text = "";
  for (let i = 0; i < format.length; i++) {
    const char = format[i]!;
    if (char === "}") {
      if (format[i + 1] !== "}") throw new Error("Single '}' encountered in format string");
      text += "}";
      i++;
    } else if (char !== "{") {
      text += char;
    } else if (format[i + 1] === "{") {
      text += "{";
      i++;
    } else {
      const end = closing(format, i);
      segments.push({ text, ...fieldOf(format.slice(i + 1, end)) });
      text = "";
      i = end;
    }
  }
  if (text !== "") segments.push({ text, field: "", conversion: "", spec: "" });
  return segments;
}

/** The text that a segment was written as. */
export function segmentText({ text, field, conversion, spec }: Segment): string {
  const literal = text.replaceAll("{", "{{").replaceAll("}", "}}");
  if (field === "") return literal;
  return `${literal}{${field}${conversion && `!${conversion}`}${spec && `:${spec}`}}`;
}

function closing(format: string, open: number): number {
  let depth = 0;
  for (let i = open; i < format.length; i++) {
    if (format[i] === "{") depth++;
    else if (format[i] === "}" && --depth === 0) return i;
  }
  throw new Error(
    open === format.length - 1
      ? "Single '{' encountered in format string"
      : "expected '}' before end of string",
  );
}

function fieldOf(inner: string): Omit<Segment, "text"> {
  const [, field = "", conversion = "", spec = ""] =
    /^([^!:]*)(?:!([^:]*))?(?::(.*))?$/s.exec(inner) ?? [];
  if (
    inner.includes("!") &&
    conversion.length > 1 &&
    !inner.slice(0, inner.indexOf("!")).includes(":")
  ) {
    throw new Error("expected ':' after conversion specifier");
  }
  return { field, conversion, spec };
}
