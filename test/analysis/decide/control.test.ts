import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { controlGroup } from '../../../src/analysis/decide/control.ts';
import { murmur3 } from '../../../src/analysis/murmur.ts';
import { idColumn } from '../../../src/frame/id.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function membersOf(job: string, share: number, ids: readonly string[]): Set<string> {
  const column = idColumn(ids);
  const controlOf = controlGroup(job, share);
  return new Set(ids.filter((_, row) => controlOf(column, row) === 1));
}

describe('murmur3', () => {
  // Vectors published with other implementations: https://en.wikipedia.org/wiki/MurmurHash
  it.each([
    ['', 0, 0],
    ['', 1, 0x514e28b7],
    ['test', 0, 0xba6bd213],
    ['test', 0x9747b28c, 0x704b81dc],
    ['Hello, world!', 0, 0xc0363e43],
    ['Hello, world!', 0x9747b28c, 0x24884cba],
    ['The quick brown fox jumps over the lazy dog', 0, 0x2e4ff723],
    ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
  ])('of "%s" with seed %i is as published', (text, seed, hash) => {
    expect(murmur3(bytesOf(text), seed)).toBe(hash);
  });
});

describe('a control group', () => {
  const id = fc.string({ minLength: 1, unit: 'grapheme' });

  it('has the same members whoever else comes or goes, and in whatever order', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(id),
        fc.uniqueArray(id),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (some, others, share) => {
          const all = [...new Set([...others, ...some])];
          const alone = membersOf('job', share, some);
          const among = membersOf('job', share, all);
          expect(new Set(some.filter((each) => among.has(each)))).toEqual(alone);
        },
      ),
    );
  });

  it('keeps its members when its share grows', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(id),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (ids, share, more) => {
          const larger = membersOf('job', share + more, ids);
          for (const member of membersOf('job', share, ids)) expect(larger).toContain(member);
        },
      ),
    );
  });

  const many = 40_000;
  /** Five standard deviations of a binomial: a fair coin is outside once in two million. */
  const bound = (n: number, p: number): number => 5 * Math.sqrt(n * p * (1 - p));
  const spellings: readonly (readonly [string, (i: number) => string])[] = [
    ['numbers', (i) => String(1_000_000 + i)],
    ['padded codes', (i) => `C${String(i).padStart(8, '0')}`],
    ['mail addresses', (i) => `customer.${i}@example.com`],
  ];

  it.each(spellings)('has the share asked for, within binomial bounds, of ids that are %s', (_, spell) => {
    const ids = Array.from({ length: many }, (_, i) => spell(i));
    for (const job of ['opportunities', 'rfm', 'a'])
      for (const share of [0.01, 0.05, 0.5]) {
        const { size } = membersOf(job, share, ids);
        expect(Math.abs(size - many * share)).toBeLessThan(bound(many, share));
      }
  });

  it.each(spellings)('is independent of that of another job, of ids that are %s', (_, spell) => {
    const ids = Array.from({ length: many }, (_, i) => spell(i));
    const groups = ['opportunities', 'opportunities2', 'rfm', 'a'].map((job) => membersOf(job, 0.2, ids));
    for (const [i, left] of groups.entries())
      for (const right of groups.slice(i + 1)) {
        const both = [...left].filter((member) => right.has(member)).length;
        expect(Math.abs(both - many * 0.04)).toBeLessThan(bound(many, 0.04));
      }
  });

  it('is nobody and everybody at the ends, and unknown without a share', () => {
    const ids = Array.from({ length: 1000 }, (_, i) => String(i));
    expect([membersOf('job', 0, ids).size, membersOf('job', 1, ids).size]).toEqual([0, 1000]);
    expect(controlGroup('job', undefined)(idColumn(['a']), 0)).toBe(null);
  });
});
