import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Seeded randomness: the same seed gives the same draws on every machine. */
export type Random = {
  /** From 0 (included) to 1 (excluded). */
  float(): number;
  /** From 0 to `below - 1`. */
  integer(below: number): number;
};

/** Seeded randomness by xoroshiro128+. */
export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return {
    float: () => uniformFloat64(generator),
    integer: (below) => uniformInt(generator, 0, below - 1),
  };
}

/** `size` different row numbers below `rowCount`, ascending, each set equally likely (Floyd's algorithm). */
export function sampleRows(rowCount: number, size: number, random: Random): Uint32Array {
  const chosen = new Set<number>();
  for (let row = Math.max(0, rowCount - size); row < rowCount; row++) {
    const candidate = random.integer(row + 1);
    chosen.add(chosen.has(candidate) ? row : candidate);
  }
  return Uint32Array.from(chosen).sort();
}
