import { FluxError } from "../rpc/error.ts";
import type { Json } from "../schema/json.ts";

/** A job dependency (RFC 26): scheme, value, and keys that the scheme gives a meaning. */
export type Dependency = {
  readonly scheme: string;
  readonly value: string;
  readonly [key: string]: Json;
};

/**
 * A dependency from its command line form `scheme:value[?key=val[&key=val...]]`. Repeated keys
 * become an array, numbers become numbers. EINVAL if there is no scheme.
 */
export function parseDependency(text: string): Dependency {
  return parseSchemeValue(text, "dependency");
}

/**
 * The same form where it names something else, such as `--taskmap=cyclic:2`. A bare word is a
 * scheme.
 */
export function parseSchemeValue(text: string, what: string): Dependency {
  const uri = text.includes(":") ? text : `${text}:`;
  const match = /^([a-z][a-z0-9+.-]*):([^?#]*)(?:\?([^#]*))?/i.exec(uri);
  if (!match) throw new FluxError("EINVAL", `Invalid ${what} URI "${uri}"`);
  const [, scheme = "", value = "", query = ""] = match;
  return { scheme: scheme.toLowerCase(), value, ...parseQuery(query) };
}

/** The command line form of a dependency. */
export function encodeDependency(dependency: Dependency): string {
  const { scheme, value, ...rest } = dependency;
  const options: string[] = [];
  for (const [key, given] of Object.entries(rest)) {
    for (const item of Array.isArray(given) ? given : [given]) {
      options.push(`${encodeURIComponent(key)}=${encodeURIComponent(String(item))}`);
    }
  }
  return `${scheme}:${value}${options.length ? `?${options.join("&")}` : ""}`;
}

function parseQuery(query: string): Record<string, Json> {
  const options = new Map<string, Json[]>();
  for (const option of query.split(/[&;]/)) {
    const at = option.indexOf("=");
    // A key without a value says nothing and is left out.
    if (at < 0 || at === option.length - 1) continue;
    const key = unescapeQuery(option.slice(0, at));
    const given = options.get(key) ?? [];
    given.push(numberOrText(unescapeQuery(option.slice(at + 1))));
    options.set(key, given);
  }
  return Object.fromEntries(
    [...options].map(([key, given]) => [key, given.length > 1 ? given : given[0]!]),
  );
}

function unescapeQuery(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

function numberOrText(text: string): Json {
  const isNumber = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text);
  const isLong = /^[-+]?\d{16,}$/.test(text);
  return isNumber ? (isLong ? BigInt(text.replace("+", "")) : Number(text)) : text;
}
