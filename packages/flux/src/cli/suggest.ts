const maxDistance = 3;
const maxSuggestions = 3;
/** From this length on, the start of a name says more than anything else. */
const longPrefix = 5;

/** Names that were perhaps meant: those nearest to what was given, if they are at most 3 edits away. */
export function similarNames(given: string, names: Iterable<string>): string[] {
  let least = maxDistance;
  let similar = new Set<string>();
  for (const name of names) {
    const edits = distance(name, given);
    const score = name.startsWith(given) ? (given.length >= longPrefix ? 0 : edits - 1) : edits;
    if (edits === 0 || score > least) continue;
    if (score < least) similar = new Set();
    least = score;
    similar.add(name);
  }
  return [...similar].slice(0, maxSuggestions);
}

/** How many insertions, deletions and replacements make one text of the other. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + cost);
    }
    previous = row;
  }
  return previous[b.length]!;
}
