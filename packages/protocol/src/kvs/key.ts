/**
 * KVS keys: names joined by periods. A lookup or a commit may spell a key with surplus periods;
 * watchers compare keys, so everybody must agree on one spelling.
 */

/** The root directory of a namespace. */
export const rootKey = ".";

/**
 * The one spelling of a key: no leading, trailing or doubled periods; only periods are the root.
 */
export function normalizeKey(key: string): string {
  if (!/^\.|\.$|\.\./.test(key)) return key;
  const names = keyNames(key);
  return names.length ? names.join(".") : rootKey;
}

/** The names along a key, from the root down; none for the root itself. */
export function keyNames(key: string): string[] {
  return key.split(".").filter((name) => name !== "");
}

/** Join keys below each other: `joinKey("a.b", "c")` is `a.b.c`, and `.` vanishes. */
export function joinKey(...keys: string[]): string {
  return normalizeKey(keys.join("."));
}
