import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import type { Input } from "../../output/output.ts";
import { CommandError } from "../../usage-error.ts";

/** All resource sets on standard input: R objects one after the other. There is at least one. */
export async function readSets(stdin: Input): Promise<[ResourceSet, ...ResourceSet[]]> {
  const text = await stdin.text();
  const [first, ...others] = [...jsonValues(text)].map(setOf);
  if (first) return [first, ...others];
  const start = /\S+/.exec(text)?.[0];
  const where = start === undefined ? "end of file" : `'${start}'`;
  throw new CommandError(`Failed to read an R object: '[' or '{' expected near ${where}`);
}

/** All resource sets on standard input as one. */
export async function readUnion(stdin: Input): Promise<ResourceSet> {
  const sets = await readSets(stdin);
  return sets.reduce((all, set) => all.union(set));
}

/** Combine resource sets one after the other; there must be two. */
export async function readAndFold(
  name: string,
  stdin: Input,
  combine: (a: ResourceSet, b: ResourceSet) => ResourceSet,
): Promise<ResourceSet> {
  const sets = await readSets(stdin);
  if (sets.length < 2) throw new CommandError(`${name} requires at least 2 resource sets`);
  return sets.reduce(combine);
}

function setOf(json: Json): ResourceSet {
  const refuse = (what: string): CommandError =>
    new CommandError(`Failed to decode R on stdin: ${what}`);
  if (!isJsonObject(json)) throw refuse("Expected object, got array");
  for (const key of ["version", "execution"]) {
    if (json[key] === undefined) throw refuse(`Object item not found: ${key}`);
  }
  try {
    return parseR(withListOfNodes(json));
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw refuse(error.message);
  }
}

/** The JSON objects and arrays at the beginning of a text, up to what is none. */
function* jsonValues(text: string): Generator<Json> {
  let start = 0;
  for (;;) {
    while (/\s/.test(text[start] ?? "")) start++;
    const end = endOfValue(text, start);
    if (end === undefined) return;
    try {
      yield parseJson(text.slice(start, end));
    } catch {
      return; // what follows cannot be told from the rest
    }
    start = end;
  }
}

/** Where a bracketed value that begins here ends. */
function endOfValue(text: string, start: number): number | undefined {
  if (text[start] !== "{" && text[start] !== "[") return undefined;
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  tokens.lastIndex = start;
  let depth = 0;
  for (let match = tokens.exec(text); match; match = tokens.exec(text)) {
    const [token] = match;
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    if (depth === 0) return tokens.lastIndex;
  }
  return undefined;
}

/** Some write a set of no nodes as an empty object, and flux-core takes that. */
function withListOfNodes(json: JsonObject): JsonObject {
  const { execution } = json;
  if (!isJsonObject(execution)) return json;
  const { R_lite } = execution;
  if (!isJsonObject(R_lite) || Object.keys(R_lite).length > 0) return json;
  return { ...json, execution: { ...execution, R_lite: [] } };
}
