import { seededRandom, type Random } from '../../src/analysis/random.ts';

export type Group = 'abm' | 'cross_sell' | 'renewal' | 'win_back';

export type Population = {
  /** By customer; days since the last purchase, at most 800. */
  readonly recencyDays: Float64Array;
  readonly value: Float64Array;
  readonly groups: readonly Group[];
};

export type PopulationOptions = {
  readonly seed: number;
  readonly customers?: number;
  /** Groups that have nobody; the others share the customers. */
  readonly without?: readonly Group[];
  /** The group takes the recency and the value of the other. */
  readonly alike?: readonly [Group, Group];
};

const groups: readonly Group[] = ['abm', 'cross_sell', 'renewal', 'win_back'];

/**
 * Customers like those of a campaign team with one product and a window of 800 days: four groups by
 * recency and value, of which the job must find the names.
 *
 * - shares: each 10 to 40 %, uniform among all such splits
 * - days since the last purchase, whole: `cross_sell` exponential with a mean of 60 to 120 below 365;
 *   `renewal` normal around 520 to 570 with a deviation of 40 to 60, within 365–729; `win_back`
 *   uniform in 730–800; `abm`, who buy again and again, exponential with a mean of 60 to 120
 * - values are log-normal: the three low groups have one median between 1,500 and 3,500 and a sigma
 *   of 0.3 to 0.5; `abm` has a median 8 to 15 times that and a sigma of 0.4 to 0.6
 */
export function drawPopulation({ seed, customers = 2000, without = [], alike }: PopulationOptions): Population {
  const random = seededRandom(seed);
  const between = (low: number, high: number): number => low + (high - low) * random.float();
  const present = groups.filter((group) => !without.includes(group));
  const shares = drawShares(random, present.length);
  const lowMedian = between(1500, 3500);
  const lowSigma = between(0.3, 0.5);
  const highMedian = lowMedian * between(8, 15);
  const highSigma = between(0.4, 0.6);
  const recencyOf = drawRecencies(random, between);
  const members = present.flatMap((group, i) => {
    const count = Math.round(shares[i]! * customers);
    const drawnAs = alike?.[0] === group ? alike[1] : group;
    return Array.from({ length: count }, () => {
      const recency = Math.floor(recencyOf[drawnAs]());
      const [median, sigma] = drawnAs === 'abm' ? [highMedian, highSigma] : [lowMedian, lowSigma];
      return { group, recency, value: Math.round(100 * median * Math.exp(sigma * drawNormal(random))) / 100 };
    });
  });
  return {
    recencyDays: Float64Array.from(members, ({ recency }) => recency),
    value: Float64Array.from(members, ({ value }) => value),
    groups: members.map(({ group }) => group),
  };
}

type Draw = () => number;

function drawRecencies(random: Random, between: (low: number, high: number) => number): Record<Group, Draw> {
  const [waitOfLow, waitOfHigh, middle, spread] = [
    between(60, 120),
    between(60, 120),
    between(520, 570),
    between(40, 60),
  ];
  const wait = (mean: number): number => -mean * Math.log(1 - random.float());
  return {
    abm: within(0, 800, () => wait(waitOfHigh)),
    cross_sell: within(0, 364, () => wait(waitOfLow)),
    renewal: within(365, 729, () => middle + spread * drawNormal(random)),
    win_back: () => between(730, 801),
  };
}

/** Draws again until the value lies within both ends. */
function within(low: number, high: number, draw: Draw): Draw {
  return () => {
    for (;;) {
      const value = draw();
      if (value >= low && value <= high) return value;
    }
  };
}

/** With three groups 20 to 50 % each, with four 10 to 40 %. */
function drawShares(random: Random, count: number): number[] {
  const [low, high] = count === 4 ? [0.1, 0.4] : [0.2, 0.5];
  for (;;) {
    const draws = Array.from({ length: count }, () => -Math.log(1 - random.float()));
    const total = draws.reduce((sum, draw) => sum + draw, 0);
    const shares = draws.map((draw) => draw / total);
    if (shares.every((share) => share >= low && share <= high)) return shares;
  }
}

/** Box and Muller (1958). */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());
}
