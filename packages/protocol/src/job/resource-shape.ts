import { FluxError } from "../rpc/error.ts";
import { type Json, type JsonObject, parseJson } from "../schema/json.ts";
import type { ResourceVertex } from "./jobspec.ts";

/**
 * Resource shapes (RFC 46): jobspec resources in a form short enough for a command line, such as
 * `slot=2/[core=4;gpu]`.
 */

/** The label of a slot that has none, which only one may. */
const defaultLabel = "task";

/** Nesting that no machine needs. */
const maxDepth = 100;

const typePattern = /[^={}[\]/;\s"']+/y;
const countPattern = /[1-9]\d*(?:-[1-9]\d*)?(?:(?:,[1-9]\d*(?:-[1-9]\d*)?)+)?/y;
const rangePattern = /[1-9]\d*(?:-[1-9]\d*|\+)(?![\d,])(?::[1-9]\d*(?::[+*^])?)?/y;
const keyPattern = /[^:,{}"']+/y;
const wordPattern = /[^,{}[\]"']+/y;
/** What an error shows of unexpected text. */
const tokenPattern = /[\w.-]+/y;
const numberPattern = /^-?(0|[1-9]\d*)(\.\d*)?(e[-+]?\d+)?$/i;

/** The resources that a shape stands for. EINVAL naming the position of what is wrong. */
export function parseResourceShape(text: string): ResourceVertex[] {
  return new ShapeParser(text).parse();
}

class ShapeParser {
  readonly #text: string;
  #at = 0;
  /** Positions of brackets and braces that are open, innermost last. */
  readonly #open: number[] = [];
  #slots = 0;
  #hasBareSlot = false;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): ResourceVertex[] {
    const resources = this.#list(0);
    this.#skipBlanks();
    if (this.#at < this.#text.length) throw this.#unexpected();
    if (this.#hasBareSlot && this.#slots > 1) throw refuse("Multiple slots require labels");
    return resources;
  }

  /** `[vertex;vertex...]` or one vertex. */
  #list(depth: number): ResourceVertex[] {
    if (depth > maxDepth) throw refuse(`nested too deeply at position ${this.#at}`);
    if (!this.#opens("[")) return [this.#vertex(depth)];
    const vertices = [this.#vertex(depth)];
    while (this.#takes(";")) vertices.push(this.#vertex(depth));
    this.#closes("]");
    return vertices;
  }

  #vertex(depth: number): ResourceVertex {
    const quoted = this.#quoted();
    const type = quoted ?? this.#match(typePattern);
    if (type === undefined) throw this.#unexpected();
    const isSlot = quoted === undefined && type.toLowerCase() === "slot";
    const count = this.#takes("=") ? this.#count() : 1;
    const vertex: ResourceVertex = { type: isSlot ? "slot" : type, count };
    if (isSlot) Object.assign(vertex, this.#slotItems());
    else if (this.#opens("{")) Object.assign(vertex, this.#items(true, depth));
    const hasChildren = this.#takes("/");
    if (!hasChildren && isSlot) throw this.#unexpected();
    if (hasChildren) vertex.with = this.#list(depth + 1);
    return vertex;
  }

  #count(): number | string {
    const isBracketed = this.#opens("[");
    const text = this.#match(rangePattern) ?? this.#match(countPattern);
    if (text === undefined) {
      const next = this.#text[this.#at];
      if (next === undefined || "[]{}/;\"'".includes(next)) throw this.#unexpected();
      throw refuse(`Illegal character '${next}' at position ${this.#at}`);
    }
    if (isBracketed) this.#closes("]");
    return /^\d+$/.test(text) ? Number(text) : text;
  }

  /** The label of a slot, and what may follow it in the braces. */
  #slotItems(): JsonObject {
    this.#slots++;
    if (!this.#opens("{")) {
      this.#hasBareSlot = true;
      return { label: defaultLabel };
    }
    const label = this.#key();
    if (!this.#takes(",")) {
      this.#closes("}");
      return { label };
    }
    return { ...this.#items(false, 0), label };
  }

  /** Members up to the closing brace. */
  #items(mayBeEmpty: boolean, depth: number): JsonObject {
    if (depth > maxDepth) throw refuse(`nested too deeply at position ${this.#at}`);
    const members: JsonObject = {};
    if (mayBeEmpty && this.#peek() === "}") {
      this.#closes("}");
      return members;
    }
    do {
      const sign = this.#takes("+") ? "+" : this.#takes("-") ? "-" : "";
      const name = this.#key();
      const key = name === "x" ? "exclusive" : name;
      if (key === "__proto__") throw refuse(`Invalid key '${key}'`);
      members[key] = sign === "" && this.#takes(":") ? this.#value(depth) : sign !== "-";
    } while (this.#takes(","));
    this.#closes("}");
    return members;
  }

  #key(): string {
    const key = this.#quoted() ?? this.#match(keyPattern)?.trimEnd();
    if (!key) throw this.#unexpected();
    return key;
  }

  #value(depth: number): Json {
    const quoted = this.#quoted();
    if (quoted !== undefined) return quoted;
    if (this.#peek() === "[") return this.#array();
    if (this.#opens("{")) return this.#items(true, depth + 1);
    const word = this.#match(wordPattern)?.trimEnd();
    if (!word) throw this.#unexpected();
    if (numberPattern.test(word)) return Number(word);
    const constants: Record<string, Json> = { true: true, false: false, null: null };
    const name = word.toLowerCase();
    return Object.hasOwn(constants, name) ? constants[name]! : word;
  }

  /**
   * A JSON array, in which strings may have either kind of quotes. It ends where its brackets do.
   */
  #array(): Json {
    const from = this.#at;
    let depth = 0;
    do {
      const next = this.#peek();
      if (next === undefined) throw refuse(`Unclosed bracket in position ${from}`);
      if (next === '"' || next === "'") {
        this.#quoted();
        continue;
      }
      if (next === "[") depth++;
      else if (next === "]") depth--;
      this.#at++;
    } while (depth > 0);
    const text = this.#text.slice(from, this.#at).replaceAll("'", '"');
    try {
      return parseJson(text);
    } catch (cause) {
      throw new FluxError("EINVAL", `Invalid array at position ${from}`, { cause });
    }
  }

  #quoted(): string | undefined {
    const quote = this.#peek();
    if (quote !== '"' && quote !== "'") return undefined;
    const end = this.#text.indexOf(quote, this.#at + 1);
    if (end < 0) throw refuse(`Unclosed quote ${quote} at position ${this.#at + 1}`);
    const text = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return text;
  }

  #match(pattern: RegExp): string | undefined {
    this.#skipBlanks();
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #peek(): string | undefined {
    this.#skipBlanks();
    return this.#text[this.#at];
  }

  #takes(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }

  #opens(char: "[" | "{"): boolean {
    if (!this.#takes(char)) return false;
    this.#open.push(this.#at - 1);
    return true;
  }

  #closes(char: "]" | "}"): void {
    if (!this.#takes(char)) throw this.#unexpected();
    this.#open.pop();
  }

  #skipBlanks(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
  }

  /** What is wrong here, where something else was expected. */
  #unexpected(): FluxError {
    const next = this.#peek();
    const open = this.#open.at(-1);
    if (next === undefined && open !== undefined) {
      const what = this.#text[open] === "[" ? "bracket" : "brace";
      return refuse(`Unclosed ${what} in position ${open}`);
    }
    if (next === undefined) return refuse(`Unexpected end of input in '${this.#text}'`);
    const isOpen = (char: string) => this.#open.some((at) => this.#text[at] === char);
    const at = this.#at;
    if (next === "]" && !isOpen("["))
      return refuse(`Mismatched brackets starting at position ${at}.`);
    if (next === "}" && !isOpen("{"))
      return refuse(`Mismatched braces starting at position ${at}.`);
    return refuse(`Invalid token '${this.#match(tokenPattern) ?? next}' at position ${at}`);
  }
}

function refuse(text: string): FluxError {
  return new FluxError("EINVAL", text);
}
