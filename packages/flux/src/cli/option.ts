import { UsageError } from "./usage-error.ts";

/**
 * One option of a command. `spec` is how the help shows it: `-f, --format=FORMAT`, `-c, --count=N`,
 * `--color[=WHEN]` (the value is optional, and then only the glued form works), `-a`, `--all`; `--at=`
 * takes a value that the help does not name.
 */
export interface Option<T> {
  readonly spec: string;
  readonly help: string;
  /** Value when the option is not given. */
  readonly initial: T;
  /** Value after one more use; `text` is undefined where the value was left out. Throws UsageError. */
  accept(previous: T, text: string | undefined): T;
  /** Accepted, but not shown in the help. */
  readonly hidden?: boolean;
  /** Further spellings, such as `--dry`; never shown. */
  readonly aliases?: readonly string[];
  /** In dialect A, the short form takes its optional value glued (`-Lnever`); else `-vv` is two uses. */
  readonly shortTakesValue?: boolean;
}

export type Options = { readonly [key: string]: Option<unknown> };
export type OptionValues<O extends Options> = {
  [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

interface Extras {
  hidden?: boolean;
  aliases?: readonly string[];
  shortTakesValue?: boolean;
}

/** A switch: false, or true once given. */
export function flag(spec: string, help: string, extras: Extras = {}): Option<boolean> {
  return { spec, help, initial: false, accept: () => true, ...extras };
}

/** A switch that counts: `-vv` is 2; with `[=LEVEL]` in the spec a given level replaces the count. */
export function counter(spec: string, help: string, extras: Extras = {}): Option<number> {
  const accept = (previous: number, text?: string): number =>
    text === undefined ? previous + 1 : integer(text);
  return { spec, help, initial: 0, accept, ...extras };
}

/** A text; the last one given wins. `implied` stands for the option without its value. */
export function text(
  spec: string,
  help: string,
  extras: Extras & { initial: string; implied?: string },
): Option<string>;
export function text(
  spec: string,
  help: string,
  extras?: Extras & { implied?: string },
): Option<string | undefined>;
export function text(
  spec: string,
  help: string,
  extras: Extras & { initial?: string; implied?: string } = {},
): Option<string | undefined> {
  const { initial, implied = "", ...rest } = extras;
  return { spec, help, initial, accept: (_previous, given) => given ?? implied, ...rest };
}

/** An integer; the last one given wins. */
export function int(
  spec: string,
  help: string,
  extras: Extras & { initial: number; implied?: number },
): Option<number>;
export function int(
  spec: string,
  help: string,
  extras?: Extras & { implied?: number },
): Option<number | undefined>;
export function int(
  spec: string,
  help: string,
  extras: Extras & { initial?: number; implied?: number } = {},
): Option<number | undefined> {
  const { initial, implied, ...rest } = extras;
  const accept = (_previous: unknown, given?: string): number | undefined =>
    given === undefined ? implied : integer(given);
  return { spec, help, initial, accept, ...rest };
}

/** Every text given, in order. `separator` splits each one further, as in `--states=a,b`. */
export function list(
  spec: string,
  help: string,
  extras: Extras & { separator?: string } = {},
): Option<readonly string[]> {
  const { separator, ...rest } = extras;
  const accept = (previous: readonly string[], given = ""): readonly string[] => [
    ...previous,
    ...(separator ? given.split(separator).filter((word) => word !== "") : [given]),
  ];
  return { spec, help, initial: [], accept, ...rest };
}

/** A value of any kind, converted by `parse`, which throws UsageError for what it does not accept. */
export function value<T>(
  spec: string,
  help: string,
  parse: (text: string) => T,
  extras: Extras & { initial: T },
): Option<T>;
export function value<T>(
  spec: string,
  help: string,
  parse: (text: string) => T,
  extras?: Extras,
): Option<T | undefined>;
export function value<T>(
  spec: string,
  help: string,
  parse: (text: string) => T,
  extras: Extras & { initial?: T } = {},
): Option<T | undefined> {
  const { initial, ...rest } = extras;
  return { spec, help, initial, accept: (_previous, given) => parse(given ?? ""), ...rest };
}

function integer(given: string): number {
  const number = Number(given);
  if (!/^\s*[-+]?\d+\s*$/.test(given) || !Number.isSafeInteger(number)) {
    throw new UsageError(`invalid int value: '${given}'`);
  }
  return number;
}

/** The parts of a spec. */
export interface Spelling {
  /** `-f`, without the dash. */
  readonly short?: string;
  /** `--format`, without the dashes. */
  readonly long?: string;
  readonly argument: "none" | "required" | "optional";
  /** `FORMAT`. */
  readonly argumentName: string;
}

const specPattern = /^(?:-(\w))?(?:, )?(?:--([\w-]+))?(?:\[[= ]?(.*)\]|[= ]?(.*))$/;

/** `-c, --count=N` taken apart. */
export function spellingOf(spec: string): Spelling {
  const match = specPattern.exec(spec);
  const [, short, long, optional, required = ""] = match ?? [];
  const argumentName = optional ?? required;
  return {
    ...(short && { short }),
    ...(long && { long }),
    argument:
      argumentName === "" && !spec.endsWith("=")
        ? "none"
        : optional === undefined
          ? "required"
          : "optional",
    argumentName,
  };
}
