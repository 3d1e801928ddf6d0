import { isJsonObject, type Json, parseJson } from "@flux-ts/protocol/schema/json";
import type { FieldValue } from "../output/format-value.ts";
import { CommandError } from "../usage-error.ts";
import { listSeparator } from "./templates.ts";

/** Evaluates every method for every input; what goes wrong is an answer, too. */
const evaluator = `
import itertools, json, math, os, random, re, sys
given = json.load(sys.stdin)
compiled = {}
for name, code in given["methods"].items():
    try:
        compiled[name] = compile(code, name, "eval")
    except SyntaxError as error:
        print(json.dumps({"refused": f"{error}: '{name}'"}))
        sys.exit(0)
def value(code, x):
    try:
        result = eval(code, dict(globals(), x=x))
        if isinstance(result, list):
            result = given["separator"].join(result)
        if isinstance(result, bool) or not isinstance(result, (int, str)):
            result = str(result)
        return {"value": result}
    except Exception as error:
        return {"error": str(error)}
print(json.dumps([[value(code, x) for x in given["inputs"]] for code in compiled.values()]))
`;

/**
 * Methods of `bulksubmit --define=NAME=CODE`, CODE being a Python expression of `x`, for these inputs.
 * Throws CommandError if one is no expression, or without a python3 to ask.
 */
export function pythonMethods(
  definitions: readonly string[],
  inputs: readonly string[],
): ((name: string, input: string) => FieldValue) | undefined {
  if (definitions.length === 0) return undefined;
  const methods = Object.fromEntries(definitions.map(splitDefinition));
  const answer = askPython({ methods, inputs: [...inputs], separator: listSeparator });
  if (isJsonObject(answer)) throw new CommandError(String(answer.refused));
  const rows = new Map(
    Object.keys(methods).map((name, i) => [name, (answer as Json[][])[i] ?? []]),
  );
  const places = new Map(inputs.map((input, i) => [input, i]));
  return (name, input) => {
    const result = rows.get(name)?.[places.get(input) ?? -1];
    if (!isJsonObject(result)) return undefined;
    if (result.error !== undefined) throw new CommandError(String(result.error));
    return result.value as FieldValue;
  };
}

function splitDefinition(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals < 0) throw new CommandError(`--define: '${text}' is not NAME=CODE`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function askPython(question: unknown): Json {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const { stdout, stderr, error, status } = spawnSync("python3", ["-c", evaluator], {
    input: JSON.stringify(question),
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  if (error) throw new CommandError(`--define needs python3: ${error.message}`);
  if (status !== 0) throw new CommandError(`--define: ${stderr.trim()}`);
  return parseJson(stdout);
}
