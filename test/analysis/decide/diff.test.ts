import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startDiff, type Diff, type DiffOptions, type WantedTags } from '../../../src/analysis/decide/diff.ts';
import { createColumnBuilder } from '../../../src/frame/builder.ts';
import { parseDay } from '../../../src/frame/day.ts';
import type { TextColumn } from '../../../src/frame/column.ts';
import { idColumn } from '../../../src/frame/id.ts';
import type { Candidate, TagSet } from '../../../src/frame/tags.ts';

type Row = { id: string; segment: string | null; previous?: string | null; state?: 'active' | 'left'; scores?: string };

const texts: Record<string, string> = { a: 'Alpha', b: 'Beta', c: 'Gamma' };
const segments = Object.entries(texts).map(([segment, name]) => ({ segment, name, campaign: null }));
const options: DiffOptions = {
  asOf: parseDay('2026-06-30'),
  leavers: 'tombstone',
  scores: 'with_segment',
  sameScores: () => true,
  kept: new Set(),
  dropped: new Set(),
};

function textColumn(values: readonly (string | null)[]): TextColumn {
  const builder = createColumnBuilder('text');
  for (const value of values) builder.push(value);
  return builder.finish() as TextColumn;
}

function baseOf(rows: readonly Row[]): TagSet {
  const sorted = rows.toSorted((x, y) => Buffer.compare(Buffer.from(x.id), Buffer.from(y.id)));
  return {
    rowCount: sorted.length,
    customerId: idColumn(sorted.map(({ id }) => id)),
    segment: textColumn(sorted.map(({ segment }) => segment)),
    segmentName: textColumn(sorted.map(({ segment }) => (segment === null ? null : texts[segment]!))),
    campaign: textColumn(sorted.map(() => null)),
    previousSegment: textColumn(sorted.map(({ previous }) => previous ?? null)),
    segmentSince: { kind: 'day', values: Int32Array.from(sorted, () => parseDay('2026-01-01')) },
    state: textColumn(sorted.map(({ state }) => state ?? 'active')),
    changeSeq: Float64Array.from(sorted, (_, i) => i + 1),
    scores: textColumn(sorted.map(({ scores }) => scores ?? '{}')),
  };
}

function wantedOf(rows: Readonly<Record<string, string>>): WantedTags {
  const ids = Object.keys(rows).toSorted((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
  return {
    customerId: idColumn(ids),
    segmentOf: Int32Array.from(ids, (id) => segments.findIndex(({ segment }) => segment === rows[id])),
    segments,
    scoresAt: (row) => JSON.stringify({ row }),
  };
}

function diffTags(base: TagSet, wanted: WantedTags, given: DiffOptions): Diff {
  const diff = startDiff(wanted, given);
  diff.take(base);
  return diff.finish();
}

function candidatesOf(base: readonly Row[], wanted: Record<string, string>, given = options): Candidate[] {
  return listed(diffTags(baseOf(base), wantedOf(wanted), given));
}

function listed({ candidates }: Diff): Candidate[] {
  return Array.from({ length: candidates.count }, (_, i) => candidates.at(i));
}

describe('startDiff', () => {
  it('tells entering, moving, leaving, re-entering and staying apart', () => {
    const base: Row[] = [
      { id: '1', segment: 'a' },
      { id: '2', segment: 'a' },
      { id: '3', segment: 'b' },
      { id: '4', segment: null, previous: 'c', state: 'left' },
      { id: '5', segment: null, previous: 'c', state: 'left' },
    ];
    const diff = diffTags(baseOf(base), wantedOf({ 1: 'a', 2: 'b', 4: 'b', 6: 'c' }), options);
    expect(diff.counts).toEqual({ entered: 2, moved: 1, left: 1, updated: 0, unchanged: 1, kept: 0, base: 3 });
    const found = candidatesOf(base, { 1: 'a', 2: 'b', 4: 'b', 6: 'c' });
    expect(
      found.map(({ customerId, kind, fromSegment, segment, previousSegment, state }) => [
        customerId,
        kind,
        fromSegment,
        segment,
        previousSegment,
        state,
      ]),
    ).toEqual([
      ['2', 'move', 'a', 'b', 'a', 'active'],
      ['3', 'leave', 'b', null, 'b', 'left'],
      ['4', 'enter', null, 'b', 'c', 'active'],
      ['6', 'enter', null, 'c', null, 'active'],
    ]);
    expect(diff.moves).toContainEqual({ from: 'a', to: 'b', customers: 1 });
    expect(diff.moves).toContainEqual({ from: 'b', to: null, customers: 1 });
  });

  it('expects each row as it was read, and none for a new customer', () => {
    const found = candidatesOf(
      [
        { id: '1', segment: 'a' },
        { id: '2', segment: 'a' },
      ],
      { 1: 'b', 2: 'a', 3: 'a' },
    );
    expect(found.map(({ customerId, expectedChangeSeq }) => [customerId, expectedChangeSeq])).toEqual([
      ['1', 1],
      ['3', null],
    ]);
  });

  it('starts a new segment tonight, and leaves the date alone when only the name changes', () => {
    const base = baseOf([
      { id: '1', segment: 'a' },
      { id: '2', segment: 'b' },
    ]);
    const renamed = {
      ...wantedOf({ 1: 'a', 2: 'a' }),
      segments: segments.map((each) => ({ ...each, name: `${each.name}!` })),
    };
    const { candidates, counts } = diffTags(base, renamed, options);
    expect(counts).toMatchObject({ updated: 1, moved: 1 });
    expect(candidates.at(0)).toMatchObject({
      kind: 'update',
      segmentSince: '2026-01-01',
      segmentName: 'Alpha!',
      previousSegment: null,
    });
    expect(candidates.at(1)).toMatchObject({ kind: 'move', segmentSince: '2026-06-30' });
  });

  it('writes drifting scores only where the job asks for it', () => {
    const base = [{ id: '1', segment: 'a', scores: '{"x":1}' }];
    const drifted = { ...options, sameScores: () => false };
    expect(candidatesOf(base, { 1: 'a' }, drifted)).toEqual([]);
    expect(candidatesOf(base, { 1: 'a' }, { ...drifted, scores: 'always' })).toMatchObject([{ kind: 'update' }]);
    expect(candidatesOf(base, { 1: 'a' }, { ...options, scores: 'always' })).toEqual([]);
  });

  it('keeps leavers, and customers whose row is invalid tonight', () => {
    const base = [
      { id: '1', segment: 'a' },
      { id: '2', segment: 'a' },
    ];
    expect(candidatesOf(base, { 3: 'a' }, { ...options, leavers: 'keep' }).map(({ kind }) => kind)).toEqual(['enter']);
    const kept = candidatesOf(base, { 3: 'a' }, { ...options, kept: new Set(['2']) });
    const diff = diffTags(baseOf([...base, { id: '4', segment: 'b' }]), wantedOf({}), {
      ...options,
      kept: new Set(['4']),
    });
    expect([...diff.keptSegments]).toEqual(['b']);
    expect(kept.map(({ customerId, kind }) => [customerId, kind])).toEqual([
      ['1', 'leave'],
      ['3', 'enter'],
    ]);
  });

  it('says of a leaver that it was dropped as an outlier, and of nobody else', () => {
    const base = ['1', '2', '3'].map((id) => ({ id, segment: 'a' }));
    const candidates = candidatesOf(base, { 3: 'b' }, { ...options, dropped: new Set(['2', '3']) });
    expect(candidates.map(({ kind, dropped }) => [kind, dropped])).toEqual([
      ['leave', undefined],
      ['leave', true],
      ['move', undefined],
    ]);
  });

  it('leaves a customer as it is of whom tonight says nothing, and makes no row of one who has none', () => {
    const base: Row[] = [
      { id: '2', segment: 'a' },
      { id: '3', segment: null, previous: 'a', state: 'left' },
    ];
    const wanted = wantedOf({ 1: 'nobody', 2: 'nobody', 3: 'nobody', 4: 'b' });
    const diff = diffTags(baseOf(base), wanted, options);
    expect(listed(diff).map(({ customerId, kind }) => [customerId, kind])).toEqual([['4', 'enter']]);
    expect(diff.counts).toMatchObject({ kept: 1, base: 1 });
    expect([...diff.keptSegments]).toEqual(['a']);
  });

  it('says the same in whatever parts the base comes', () => {
    const id = fc.string({ unit: 'binary', minLength: 1, maxLength: 2 });
    const held = fc.record({
      segment: fc.constantFrom('a', 'b', 'c'),
      state: fc.constantFrom('active' as const, 'left' as const),
    });
    const people = fc.dictionary(id, held, { noNullPrototype: true, maxKeys: 12 });
    const after = fc.dictionary(id, fc.constantFrom('a', 'b', 'c', 'nobody'), { noNullPrototype: true, maxKeys: 12 });
    fc.assert(
      fc.property(people, after, fc.array(fc.nat(12), { maxLength: 3 }), (before, tonight, cuts) => {
        const rows = Object.entries(before)
          .map(([key, of]): Row => ({ id: key, ...of, segment: of.state === 'left' ? null : of.segment }))
          .toSorted((x, y) => Buffer.compare(Buffer.from(x.id), Buffer.from(y.id)));
        const edges = [0, ...cuts.toSorted((x, y) => x - y), rows.length].map((cut) => Math.min(cut, rows.length));
        const seqOf = new Map(rows.map((row, i) => [row.id, i + 1]));
        const diff = startDiff(wantedOf(tonight), options);
        for (const [i, edge] of edges.slice(1).entries()) {
          const part = rows.slice(edges[i], edge);
          diff.take({ ...baseOf(part), changeSeq: Float64Array.from(part, (row) => seqOf.get(row.id)!) });
        }
        const { candidates, ...found } = diff.finish();
        const { candidates: expected, ...whole } = diffTags(baseOf(rows), wantedOf(tonight), options);
        expect({ ...found, baseSegments: found.baseSegments.toSorted() }).toEqual({
          ...whole,
          baseSegments: whole.baseSegments.toSorted(),
        });
        const all = (of: Diff['candidates']): Candidate[] => Array.from({ length: of.count }, (_, i) => of.at(i));
        expect(all(candidates)).toEqual(all(expected));
      }),
      { numRuns: 50 },
    );
  });

  it('finds nothing to do once its own changes are applied, and loses nobody', () => {
    const id = fc.string({ unit: 'binary', minLength: 1, maxLength: 4 });
    const slug = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(
        fc.dictionary(id, slug, { noNullPrototype: true }),
        fc.dictionary(id, slug, { noNullPrototype: true }),
        (before, after) => {
          const base: Row[] = Object.entries(before).map(([id, segment]) => ({ id, segment }));
          const changes = candidatesOf(base, after);
          const rows = new Map(base.map((row) => [row.id, row]));
          for (const change of changes)
            rows.set(change.customerId, { id: change.customerId, segment: change.segment, state: change.state });
          expect(candidatesOf([...rows.values()], after)).toEqual([]);
          const active = [...rows.values()].filter(({ state }) => state !== 'left');
          expect(Object.fromEntries(active.map(({ id, segment }) => [id, segment]))).toEqual(after);
        },
      ),
    );
  });
});
