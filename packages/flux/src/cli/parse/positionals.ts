import type { Positionals } from "../command.ts";

/** What is wrong with the number of positionals. */
export type Misfit =
  | { readonly missing: readonly string[] }
  | { readonly extra: readonly string[] };

/** Give positionals their names. Variadic ones take what the required ones after them leave over. */
export function assignPositionals(
  declared: Positionals,
  given: readonly string[],
): { values: Record<string, unknown> } | Misfit {
  const specs = Object.entries(declared);
  const required = specs.filter(([, spec]) => !spec.startsWith("["));
  if (given.length < required.length) {
    return { missing: required.slice(given.length).map(([, spec]) => plainName(spec)) };
  }
  let spare = given.length - required.length;
  let next = 0;
  const values: Record<string, unknown> = {};
  for (const [key, spec] of specs) {
    const isOptional = spec.startsWith("[");
    if (isVariadic(spec)) {
      const count = spare + (isOptional ? 0 : 1);
      values[key] = given.slice(next, next + count);
      next += count;
      spare = 0;
    } else if (!isOptional) {
      values[key] = given[next++];
    } else if (spare > 0) {
      values[key] = given[next++];
      spare--;
    } else {
      values[key] = undefined;
    }
  }
  return next < given.length ? { extra: given.slice(next) } : { values };
}

export function isVariadic(spec: string): boolean {
  return /\.\.\.\]?$/.test(spec);
}

/** `[NAME...]` without its punctuation. */
export function plainName(spec: string): string {
  return spec.replace(/^\[|\.\.\.|\]$/g, "");
}
