import type { JobId } from "../job/fluid.ts";
import { FluxError } from "../rpc/error.ts";
import { type Json, type JsonObject, stringifyJson, stringifyReals } from "./json.ts";

/**
 * Typed checks of JSON values with field paths. A schema checks what comes in and, where the value
 * alone does not say it (reals), prints what goes out.
 */
export interface Schema<T> {
  /**
   * The value as this type. Returns `value` itself wherever it can, so checking does not copy.
   * Throws EPROTO naming the field by `path`.
   */
  check(value: unknown, path: string): T;
  /** JSON text of a value, where plain printing would lose something. */
  print?(value: T): string;
  /** The member may be missing. */
  readonly isOptional?: true;
}

export type Shape = { readonly [key: string]: Schema<unknown> };
/** The type a schema checks for. */
export type TypeOf<S> = S extends Schema<infer T> ? T : never;
type OptionalKeys<S extends Shape> = {
  [K in keyof S]: S[K] extends { readonly isOptional: true } ? K : never;
}[keyof S];
/** The object type of a shape: members with an optional schema may be missing or undefined. */
export type ObjectOf<S extends Shape> = {
  [K in Exclude<keyof S, OptionalKeys<S>>]: TypeOf<S[K]>;
} & { [K in OptionalKeys<S>]?: TypeOf<S[K]> | undefined };

function refuse(path: string, expected: string): never {
  throw new FluxError("EPROTO", `${path}: expected ${expected}`);
}

function primitive<T>(expected: string, accepts: (value: unknown) => boolean): Schema<T> {
  return {
    check(value, path) {
      return accepts(value) ? (value as T) : refuse(path, expected);
    },
  };
}

const isInteger = (value: unknown): boolean =>
  Number.isSafeInteger(value) || typeof value === "bigint";
const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Integers as numbers; those above 2^53 are refused, since no such value is one we could use. */
const int: Schema<number> = primitive("an integer", Number.isSafeInteger);

/** A real (jansson `f`): integers are accepted, but it is always printed with a point. */
const real: Schema<number> = {
  ...primitive<number>("a number", (value) => typeof value === "number"),
  print: stringifyReals,
};

/** A job id (RFC 19): a bigint here, a plain integer on the wire. -1 stands for "any" in some RPCs. */
const jobId: Schema<JobId> = {
  check(value, path) {
    if (typeof value === "bigint") return value as JobId;
    return isInteger(value) ? (BigInt(value as number) as JobId) : refuse(path, "a job id");
  },
  print: (value) => value.toString(),
};

function array<T>(item: Schema<T>): Schema<T[]> {
  const { print } = item;
  return {
    check(value, path) {
      if (!Array.isArray(value)) return refuse(path, "an array");
      let copy: T[] | undefined;
      for (let i = 0; i < value.length; i++) {
        const checked = item.check(value[i], `${path}[${i}]`);
        if (checked !== value[i]) {
          copy ??= value.slice();
          copy[i] = checked;
        }
      }
      return copy ?? (value as T[]);
    },
    ...(print && { print: (values: T[]) => `[${values.map(print).join(",")}]` }),
  };
}

/** An object whose keys are free and whose values are all of one kind. */
function record<T>(item: Schema<T>): Schema<Record<string, T>> {
  const print = item.print;
  return {
    check(value, path) {
      if (!isObject(value)) return refuse(path, "an object");
      for (const key in value) item.check(value[key], `${path}.${key}`);
      return value as Record<string, T>;
    },
    ...(print && {
      print: (values: Record<string, T>) =>
        `{${Object.entries(values)
          .map(([key, member]) => `${JSON.stringify(key)}:${print(member)}`)
          .join(",")}}`,
    }),
  };
}

interface ObjectOptions {
  /** Refuse members that the shape does not name, as jansson's strict unpacking does. */
  strict?: boolean;
}

function object<S extends Shape>(shape: S, options: ObjectOptions = {}): Schema<ObjectOf<S>> {
  const members = Object.entries(shape);
  const needsPrint = members.some(([, member]) => member.print);
  return {
    check(value, path) {
      if (!isObject(value)) return refuse(path, "an object");
      if (options.strict) refuseUnknown(value, shape, path);
      let copy: JsonObject | undefined;
      for (const [key, member] of members) {
        const given = value[key];
        if (given === undefined && member.isOptional) continue;
        const checked = member.check(given, `${path}.${key}`);
        if (checked !== given) {
          copy ??= { ...value };
          copy[key] = checked as Json;
        }
      }
      return (copy ?? value) as ObjectOf<S>;
    },
    ...(needsPrint && { print: (value: ObjectOf<S>) => printObject(value as JsonObject, shape) }),
  };
}

function refuseUnknown(value: JsonObject, shape: Shape, path: string): void {
  for (const key in value) {
    if (!Object.hasOwn(shape, key)) throw new FluxError("EPROTO", `${path}.${key}: unknown key`);
  }
}

function printObject(value: JsonObject, shape: Shape): string {
  let text = "";
  for (const key in value) {
    const member = value[key];
    if (member === undefined) continue;
    const print = Object.hasOwn(shape, key) ? shape[key]?.print : undefined;
    text += `${text ? "," : ""}${JSON.stringify(key)}:${print ? print(member) : stringifyJson(member)}`;
  }
  return `{${text}}`;
}

function optional<T>(inner: Schema<T>): Schema<T | undefined> & { readonly isOptional: true } {
  return {
    check: (value, path) => (value === undefined ? undefined : inner.check(value, path)),
    ...(inner.print && { print: inner.print as (value: T | undefined) => string }),
    isOptional: true,
  };
}

function nullable<T>(inner: Schema<T>): Schema<T | null> {
  const { print } = inner;
  return {
    check: (value, path) => (value === null ? null : inner.check(value, path)),
    ...(print && { print: (value: T | null) => (value === null ? "null" : print(value)) }),
  };
}

/** One of a few strings or numbers. */
function oneOf<const T extends readonly (string | number | boolean)[]>(
  ...values: T
): Schema<T[number]> {
  return primitive(`one of ${values.join(", ")}`, (value) => values.includes(value as T[number]));
}

/** A value that matches one of the schemas; the first that accepts it wins. */
function union<A, B>(first: Schema<A>, second: Schema<B>): Schema<A | B> {
  return {
    check(value, path) {
      try {
        return first.check(value, path);
      } catch {
        return second.check(value, path);
      }
    },
  };
}

/** The schema kit: `t.object({ name: t.string, size: t.optional(t.int) })`. */
export const t = {
  string: primitive<string>("a string", (value) => typeof value === "string"),
  boolean: primitive<boolean>("true or false", (value) => typeof value === "boolean"),
  int,
  real,
  /** Integer or real (jansson `F`). */
  number: primitive<number>("a number", (value) => typeof value === "number"),
  jobId,
  /** Any JSON value. */
  json: primitive<Json>("a value", (value) => value !== undefined),
  /** Any JSON object. */
  jsonObject: primitive<JsonObject>("an object", isObject),
  array,
  record,
  object,
  optional,
  nullable,
  oneOf,
  union,
};
