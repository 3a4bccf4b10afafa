import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Set by `npm run test:full`: proofs then run with their full figures. */
export const isFull = process.env.SEGTAG_TEST_FULL === '1';

/** The seeds of a proof: few by default, all in the full run, one where SEGTAG_TEST_SEED replays it. */
export function seedsOf(figures: { readonly reduced: number; readonly full: number }): number[] {
  const replayed = process.env.SEGTAG_TEST_SEED;
  if (replayed !== undefined) return [Number(replayed)];
  return Array.from({ length: isFull ? figures.full : figures.reduced }, (_, i) => i + 1);
}

/** Does work that depends on a seed; a failure says how it is done again. */
export async function withSeed<Result>(seed: number, work: (random: Random) => Promise<Result>): Promise<Result> {
  try {
    return await work(randomOf(seed));
  } catch (error) {
    console.error(`seed ${seed} failed; SEGTAG_TEST_SEED=${seed} does it again`, error);
    throw error;
  }
}

/** Random choices that follow from a seed. */
export type Random = {
  /** A whole number from 0 to less than `count`. */
  below(count: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
};

export function randomOf(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const share = (): number => (generator.next() >>> 0) / 2 ** 32;
  const below = (count: number): number => Math.floor(share() * count);
  return { below, chance: (probability) => share() < probability, pick: (items) => items[below(items.length)]! };
}
