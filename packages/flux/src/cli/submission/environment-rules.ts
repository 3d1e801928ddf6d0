import { CommandError } from "../usage-error.ts";
import { globPattern } from "./glob.ts";

export type Variables = Record<string, string>;

export interface JobEnvironment {
  readonly environment: Variables;
  /** Variables whose values the job shell expands. */
  readonly templates: Variables;
}

/**
 * The environment of a job from that of the caller and rules: `-PATTERN` removes, `^FILE` reads rules,
 * `VAR=VALUE` sets, `PATTERN` copies from the caller again. Applied in order.
 */
export function applyRules(
  rules: readonly string[],
  caller: Variables,
  readFile: (path: string) => string,
): JobEnvironment {
  const result = { environment: { ...caller }, templates: {} };
  apply(rules, caller, readFile, result);
  return result;
}

function apply(
  rules: readonly string[],
  caller: Variables,
  readFile: (path: string) => string,
  { environment, templates }: JobEnvironment,
): void {
  for (const rule of rules) {
    const equals = rule.indexOf("=");
    if (rule.startsWith("-")) {
      const pattern = patternOf(rule.slice(1));
      for (const name of Object.keys(environment)) {
        if (pattern.test(name)) delete environment[name];
      }
    } else if (rule.startsWith("^")) {
      const lines = readRules(rule.slice(1), caller, readFile);
      apply(lines, caller, readFile, { environment, templates });
    } else if (equals < 0) {
      const pattern = patternOf(rule);
      for (const [name, value] of Object.entries(caller)) {
        if (pattern.test(name)) environment[name] ??= value;
      }
    } else {
      const name = rule.slice(0, equals);
      const value = rule.slice(equals + 1);
      if (value.includes("{{")) templates[name] = value;
      else environment[name] = substitute(value, rule, { ...caller, ...environment });
    }
  }
}

/** A glob, or a regular expression anchored at the start if it begins with a slash. */
export function patternOf(text: string): RegExp {
  if (!text.startsWith("/")) return globPattern(text);
  return new RegExp(`^(?:${text.slice(1).replace(/\/+$/, "")})`);
}

function readRules(path: string, caller: Variables, readFile: (path: string) => string): string[] {
  const expanded = path.replace(/^~(?=\/|$)/, caller.HOME ?? "~");
  let text: string;
  try {
    text = readFile(expanded);
  } catch (error) {
    const { errno = 2, code } = error as NodeJS.ErrnoException;
    const reason = code === "EACCES" ? "Permission denied" : "No such file or directory";
    throw new CommandError(`--env: [Errno ${Math.abs(errno)}] ${reason}: '${expanded}'`);
  }
  const lines = text.split("\n").map((line) => line.trim());
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** `$NAME` and `${NAME}` from the environment built so far, then the caller's; `$$` is a dollar. */
function substitute(value: string, rule: string, variables: Variables): string {
  return value.replace(
    /\$(?:(\$)|([_a-z][_a-z0-9]*)|\{([_a-z][_a-z0-9]*)\}|)/gi,
    (_match, dollar: string | undefined, plain?: string, braced?: string) => {
      if (dollar) return "$";
      const name = plain ?? braced;
      if (name === undefined) throw new CommandError(`--env: Unable to substitute ${rule}`);
      const found = variables[name];
      if (found === undefined) {
        throw new CommandError(`--env: Variable '${name}' not found in ${rule}`);
      }
      return found;
    },
  );
}
