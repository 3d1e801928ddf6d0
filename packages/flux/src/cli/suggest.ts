const maxDistance = 3;
const maxSuggestions = 3;

/** Names that were perhaps meant: at most 3 edits away, nearest first, those with the same start before. */
export function similarNames(given: string, names: readonly string[]): string[] {
  const scored = names.map((name) => ({
    name,
    score: name.startsWith(given) ? 0 : distance(given, name),
  }));
  return scored
    .filter(({ score }) => score <= maxDistance)
    .sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1))
    .slice(0, maxSuggestions)
    .map(({ name }) => name);
}

/** Damerau-Levenshtein distance: swapping two neighbours is one edit. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + cost);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}
