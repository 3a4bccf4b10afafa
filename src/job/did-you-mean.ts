/** The candidate nearest to a mistyped word, or undefined when none is near. Case, `-` and `_` don't count. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const plainWord = plain(word);
  let nearest: string | undefined;
  let nearestDistance = Math.max(1, Math.floor(plainWord.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(plainWord, plain(candidate));
    if (distance < nearestDistance && distance < candidate.length) {
      nearest = candidate;
      nearestDistance = distance;
    }
  }
  return nearest;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_\s]/g, '');
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other. */
function editDistance(left: string, right: string): number {
  const rows = [Array.from({ length: right.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= left.length; row++) {
    const above = rows[row - 1]!;
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replaced = above[column - 1]! + (left[row - 1] === right[column - 1] ? 0 : 1);
      const swaps = row > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const swapped = swaps ? rows[row - 2]![column - 2]! + 1 : Infinity;
      current.push(Math.min(replaced, swapped, above[column]! + 1, current[column - 1]! + 1));
    }
    rows.push(current);
  }
  return rows[left.length]![right.length]!;
}
