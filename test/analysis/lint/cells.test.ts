import { describe, expect, it } from 'vitest';
import { lintTable, type ScoreGrid, type TableLint } from '../../../src/analysis/lint/cells.ts';
import { presets, type PresetName } from '../../../src/job/rfm/presets.ts';
import { pymcTable, settingsOf } from '../rfm/fixtures.ts';

const fives: ScoreGrid = { bins: { recency: 5, frequency: 5, monetary: 5 }, valueAxis: 'rounded_mean' };

function lint(table: readonly Record<string, unknown>[], grid = fives): TableLint {
  return lintTable(settingsOf({ table }).table, grid);
}

function slugsOf({ findings }: TableLint, kind: string): string[] {
  return findings.filter((finding) => finding.kind === kind).map(({ message }) => message.split(':')[0]!);
}

/** Putler's eleven segments on recency and the mean of frequency and monetary, for scores 0 to 5. */
const putler = [
  { segment: 'champions', recency: '4-5', value: '4-5' },
  { segment: 'loyal', recency: '2-5', value: '3-5' },
  { segment: 'potential_loyalist', recency: '3-5', value: '1-3' },
  { segment: 'new', recency: '4-5', value: '0-1' },
  { segment: 'promising', recency: '3-4', value: '0-1' },
  { segment: 'need_attention', recency: '2-3', value: '2-3' },
  { segment: 'about_to_sleep', recency: '2-3', value: '0-2' },
  { segment: 'at_risk', recency: '0-2', value: '2-5' },
  { segment: 'cant_lose_them', recency: '0-1', value: '4-5' },
  { segment: 'hibernating', recency: '1-2', value: '1-2' },
  { segment: 'lost', recency: '0-2', value: '0-2' },
];

describe('lintTable', () => {
  it('finds 58 of 125 cells twice and 10 nowhere in the README table of R’s package rfm', () => {
    const found = lintTable(presets['r-rfm'].table, fives);
    expect(found).toMatchObject({ cells: 125, overlapping: 58, won: [1, 35, 15, 8, 15, 6, 7, 4, 10, 14] });
    const published = ['241', '341', '441', '541', '251', '351', '451', '551', '252', '215'];
    expect([...found.uncovered].sort()).toEqual(published.sort());
    expect(found.findings.map(({ message }) => message)).toEqual([
      '58 of 125 cells fit two rows or more; the first row gets them',
      '10 of 125 cells fit no row: 215 241 251 252 341 351 441 451 541 551',
    ]);
  });

  it('finds the three segments that the older table of that package never gives', () => {
    const found = lintTable(presets['r-rfm-0.2'].table, fives);
    expect(slugsOf(found, 'shadowed')).toEqual(['new_customers', 'promising', 'cant_lose_them']);
  });

  it('finds 76 of 125 cells twice in Putler’s table, and four names that scores from 1 to 5 never reach', () => {
    const found = lint(putler, { ...fives, valueAxis: 'mean' });
    expect(found.overlapping).toBe(76);
    expect(slugsOf(found, 'shadowed')).toEqual(['new', 'promising', 'cant_lose_them', 'lost']);
  });

  it('finds the 18 of 64 cells that pymc-marketing leaves without a name', () => {
    const found = lint(pymcTable, { bins: { recency: 4, frequency: 4, monetary: 4 }, valueAxis: 'rounded_mean' });
    const published = '121 131 141 142 213 221 231 241 242 321 331 341 342 421 431 432 441 442';
    expect(found).toMatchObject({ cells: 64, overlapping: 0, uncovered: published.split(' ') });
  });

  it.each(['segtag', 'rf-grid'] as const)('finds nothing in %s, which is total and disjoint', (preset: PresetName) => {
    for (const valueAxis of ['frequency', 'rounded_mean'] as const) {
      const found = lintTable(presets[preset].table, { ...fives, valueAxis });
      expect(found).toMatchObject({ overlapping: 0, uncovered: [], findings: [] });
    }
  });

  it('says that a row asks for a score that there is not', () => {
    const found = lint([
      { segment: 'all', recency: '1-5' },
      { segment: 'six', recency: 6 },
    ]);
    expect(found.findings).toEqual([{ kind: 'impossible', row: 1, message: 'six: no customer can have these scores' }]);
  });
});
