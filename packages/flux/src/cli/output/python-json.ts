import { isJsonObject, type Json } from "@flux-ts/protocol/schema/json";
import { Real, realText } from "./format-value.ts";

/** JSON values with marked reals. */
export type PythonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Real
  | readonly PythonValue[]
  | { readonly [key: string]: PythonValue | undefined };

/** JSON as Python's json.dumps prints it: blanks after separators, ASCII only, reals with a point. */
export function pythonJson(value: PythonValue | Json): string {
  if (value instanceof Real) return realText(value.value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : realText(value);
  if (typeof value === "string") return asciiString(value);
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (!isJsonObject(value as Json)) return JSON.stringify(value);
  const members: string[] = [];
  for (const [key, member] of Object.entries(value as Record<string, PythonValue>)) {
    if (member !== undefined) members.push(`${asciiString(key)}: ${pythonJson(member)}`);
  }
  return `{${members.join(", ")}}`;
}

function asciiString(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
