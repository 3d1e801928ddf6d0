import {
  type Json,
  type JsonObject,
  parseJson,
  stringifyJson,
} from "@flux-ts/protocol/schema/json";
import { CommandError } from "../../usage-error.ts";

/** How far real numbers may be apart and still match. */
const tolerance = 1e-5;

/** Whether the context of an event has all that `--match-context=KEY=VAL` options ask for. */
export class ContextMatch {
  readonly #wanted: readonly (readonly [key: string, value: Json])[];

  /** VAL is JSON, or else text. Throws CommandError. */
  constructor(given: readonly string[]) {
    this.#wanted = given.map((text) => {
      const at = text.indexOf("=");
      if (at < 0) throw wrong(text, "missing '='");
      if (at === 0) throw wrong(text, "empty key");
      return [text.slice(0, at), jsonOrText(text.slice(at + 1))];
    });
  }

  matches(context: JsonObject): boolean {
    return this.#wanted.every(([key, wanted]) => {
      const value = context[key];
      if (typeof value === "number" && !Number.isInteger(value)) {
        return Math.abs(Number(wanted) - value) <= tolerance;
      }
      return value !== undefined && stringifyJson(value) === stringifyJson(wanted);
    });
  }
}

function jsonOrText(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

function wrong(text: string, what: string): CommandError {
  return new CommandError(`invalid KEY=VAL argument: '${text}' (${what})`);
}
