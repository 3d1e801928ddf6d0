import { formatReal } from "./real.ts";

/** A JSON value; integers too large for a number (63-bit job ids, RFC 19) are bigints. */
export type Json = null | boolean | number | bigint | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json | undefined;
}

// An integer token of 16 or more digits may exceed 2^53. Most texts have none, and then the
// built-in parser is right; strings that merely look so only cost the slow path.
const mayHaveLongInteger = /[-:,[\s]\d{16,}\s*[,}\]]|^-?\d{16,}$/;
const stringOrLongInteger = /"(?:[^"\\]|\\.)*"|(?<![\w.+])-?\d{16,}(?![\d.eE])/g;
/** Marks a quoted integer while JSON.parse runs; a noncharacter, so real text never starts with it. */
const marker = "\ufdd0";

/** Parse JSON text, keeping integers beyond 2^53 exact as bigints. Throws SyntaxError. */
export function parseJson(text: string): Json {
  if (!mayHaveLongInteger.test(text)) return JSON.parse(text) as Json;
  const quoted = text.replace(stringOrLongInteger, (token) =>
    token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${marker}${token}"`,
  );
  return JSON.parse(quoted, (_key, value: Json) =>
    typeof value === "string" && value.startsWith(marker) ? BigInt(value.slice(1)) : value,
  ) as Json;
}

/** Compact JSON text of a value. Undefined members are left out, as JSON.stringify does. */
export function stringifyJson(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return stringifyExact(value);
  }
}

/** For values with bigints, which JSON.stringify refuses. */
function stringifyExact(value: Json | undefined): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(stringifyExact).join(",")}]`;
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${stringifyExact(member)}`);
  }
  return `{${members.join(",")}}`;
}

/** JSON text in which every number is a real: `1.0`, never `1`. For members that peers read as reals. */
export function stringifyReals(value: Json | undefined): string {
  if (typeof value === "number") return formatReal(value);
  if (typeof value !== "object" || value === null) return stringifyJson(value ?? null);
  if (Array.isArray(value)) return `[${value.map(stringifyReals).join(",")}]`;
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${stringifyReals(member)}`);
  }
  return `{${members.join(",")}}`;
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
