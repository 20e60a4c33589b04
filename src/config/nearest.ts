/** Guesses which setting was meant by a key that does not exist. */

/** Above this many edits a guess is worse than none. */
const MAX_EDITS = 2;

/** Returns the key nearest to `written`, compared whole and by last part, or undefined when none is near. */
export function nearestKey(written: string, keys: readonly string[]): string | undefined {
  const ranked = keys
    .map((key) => ({ key, edits: Math.min(edits(plain(written), plain(key)), edits(plain(last(written)), plain(last(key)))) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  return best !== undefined && best.edits <= MAX_EDITS ? best.key : undefined;
}

/** `data_dir`, `data-dir` and `DataDir` all mean `dataDir`. */
function plain(key: string): string {
  return key.toLowerCase().replace(/[_-]/g, "");
}

function last(key: string): string {
  return key.slice(key.lastIndexOf(".") + 1);
}

/** Returns the least number of insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function edits(a: string, b: string): number {
  let before: readonly number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(
        Math.min(
          at(row, j) + 1,
          at(next, j - 1) + 1,
          at(row, j - 1) + (same ? 0 : 1),
          swapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = row;
    row = next;
  }
  return at(row, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
