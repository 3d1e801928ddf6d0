import { isJsonObject, type Json, parseJson } from "@flux-ts/protocol/schema/json";
import { parseDuration } from "@flux-ts/protocol/text/duration";
import { CommandError } from "../../usage-error.ts";

export const valueTypes = [
  "object",
  "array",
  "string",
  "integer",
  "real",
  "boolean",
  "any",
  "fsd",
  "fsd-integer",
  "fsd-real",
] as const;
export type ValueType = (typeof valueTypes)[number];

export function typeNamed(name: string): ValueType {
  const found = valueTypes.find((type) => type === name.toLowerCase());
  if (!found) throw new CommandError(`Unknown type: ${name}`);
  return found;
}

/** The type of a value as --type names it. */
export function typeOf(value: Json): ValueType {
  if (isJsonObject(value)) return "object";
  if (Array.isArray(value)) return "array";
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "boolean";
    case "number":
      return Number.isInteger(value) ? "integer" : "real";
    default:
      return "integer";
  }
}

/** Whether a value may be asked for as this type. A whole number may have been written as a real. */
export function isOfType(value: Json, type: ValueType): boolean {
  if (type === "any") return true;
  const own = typeOf(value);
  if (type === "fsd" || type === "fsd-integer" || type === "fsd-real") {
    return own === "string" && duration(value as string) !== undefined;
  }
  return own === type || (own === "integer" && type === "real");
}

export function duration(text: string): number | undefined {
  try {
    return parseDuration(text);
  } catch {
    return undefined;
  }
}

/** A value of this type from its text on the command line. */
export function valueFrom(text: string, type: ValueType): Json {
  switch (type) {
    case "boolean":
      return !/^(?:[0fF]|$)/.test(text);
    case "real":
      return numberFrom(text, "real");
    case "integer":
      return numberFrom(text, "integer");
    case "object":
    case "array": {
      const value = jsonOf(text);
      if (value !== undefined && typeOf(value) === type) return value;
      throw new CommandError(`Error parsing json ${type}`);
    }
    default: {
      if (type === "fsd" && duration(text) === undefined) {
        throw new CommandError("Error parsing Flux Standard Duration");
      }
      const value = text.startsWith('"') ? jsonOf(text) : text;
      if (typeof value === "string") return value;
      throw new CommandError("Error parsing string");
    }
  }
}

function numberFrom(text: string, type: "real" | "integer"): number {
  const value = /^\s*[-+]?0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
  const fits = type === "real" ? !Number.isNaN(value) : Number.isSafeInteger(value);
  if (text.trim() === "" || !fits) throw new CommandError(`Error parsing ${type} value`);
  return value;
}

function jsonOf(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
