import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { csvOf } from '../../src/report/csv.ts';
import { headlineOf } from '../../src/report/headline.ts';
import { renderReport } from '../../src/report/render.ts';
import { hostile, sampleNight } from '../support/sample-night.ts';

const page = renderReport(sampleNight());

describe('the report of a night', () => {
  it('has the same bytes each time', () => {
    expect(renderReport(sampleNight())).toBe(page);
  });

  it('asks nobody for anything, and lets in no style but its own', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe| style=| on\w+=|@import|url\((?!#)/);
    expect(page).not.toMatch(/(?:src|href)="(?!#|data:text\/csv)/);
    const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!;
    const hash = createHash('sha256').update(style).digest('base64');
    expect(policy?.replaceAll('&#39;', "'")).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    );
  });

  it('writes what stands in names as text, wherever it appears', () => {
    expect(page).not.toContain('<script>');
    expect(page).not.toContain('<b>=1');
    expect(page.split('&lt;script&gt;').length).toBeGreaterThan(10);
    const link = [...page.matchAll(/href="data:text\/csv;charset=utf-8,([^"]*)"/g)][0]![1]!;
    expect(decodeURIComponent(link.replaceAll('&#39;', "'"))).toContain(
      '"<script>globalThis.broken=1</script>""\'&<b>=1+1"',
    );
  });

  it('has no id twice', () => {
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    for (const [, id] of page.matchAll(/url\(#([^)]*)\)/g)) expect(ids).toContain(id);
  });

  it('puts what failed first, and says why a night is held', () => {
    const held = renderReport(sampleNight({ status: 'held' }));
    expect(held).toMatch(/Held: nothing has been published[\s\S]*psi is 0\.300/);
    const verdicts = [...held.matchAll(/<th scope="row" class="text">([✕!✓–] [a-z]+)</g)].map(([, verdict]) => verdict);
    expect(verdicts).toEqual(['✕ held', '! warned', '✕ held', '! warned', '✓ passed', '✓ passed', '– off']);
  });

  it('names no customer where ids are hidden, and the reason with the values where they are shown', () => {
    expect(page).toContain('spend went up');
    const { figures } = sampleNight();
    const shown = {
      from: 'loyal',
      to: 'best',
      reason: 'spend went up',
      detail: 'spend 1 → 9',
      customer_id: 'C-7',
      value: 9,
    };
    const open = renderReport(sampleNight({ figures: { ...figures!, movers: [shown] } }));
    expect(open).toContain('C-7');
    expect(open).toContain('spend 1 → 9');
  });
});

describe('the headline', () => {
  it.each([
    [
      'published',
      {},
      /^30 of 1,000 customers changed segment; the largest move is from Loyal to A name .* \(20\); 12 entered and 5 left\.$/,
    ],
    ['held', {}, /^30 of 1,000 customers would change segment; .*; 12 would enter and 5 would leave\.$/],
    ['published', { moved: 0 }, /^No customer changed segment; 12 entered and 5 left\.$/],
    ['no_change', { moved: 0, entered: 0, left: 0 }, /^Nothing changed: 1,000 customers keep their segment\.$/],
  ] as const)('of a night that is %s with %j is one sentence', (status, counts, sentence) => {
    const { summary } = sampleNight();
    expect(
      headlineOf(sampleNight({ status, summary: { ...summary, counts: { ...summary.counts, ...counts } } })),
    ).toMatch(sentence);
  });

  it('of a first night names the largest segment', () => {
    const { summary } = sampleNight();
    const first = { ...summary, run: { ...summary.run, base_run: null } };
    expect(headlineOf(sampleNight({ summary: first }))).toBe(
      '1,000 customers have a segment for the first time; the largest segment is Exceptional with 40.0%.',
    );
  });
});

describe('a table as CSV', () => {
  it('quotes what needs it, writes numbers in full, and gives no spreadsheet a formula', () => {
    const text = (title: string) => ({ title, kind: 'text' as const });
    const table = {
      id: 't',
      title: 'T',
      columns: [text('a'), text('b, c')],
      rows: [
        ['=1+1', 0.123456789],
        ['say "x"', null],
        [hostile, -1],
      ],
    };
    expect(csvOf(table)).toBe(
      `a,"b, c"\r\n'=1+1,0.123456789\r\n"say ""x""",\r\n"${hostile.replaceAll('"', '""')}",-1\r\n`,
    );
  });
});

describe('the colours of the segments', () => {
  it.each(['light', 'dark'])('have a contrast of 3:1 or more to the surface when the page is %s', (mode) => {
    const blocks = [...page.matchAll(/--page:#[^}]*/g)].map(([block]) => block);
    const block = blocks[mode === 'light' ? 0 : 1]!;
    const colourOf = (name: string): string => new RegExp(`--${name}:(#[0-9a-f]{6})`).exec(block)![1]!;
    const surface = colourOf('surface');
    for (let i = 0; i < 12; i++) expect(contrast(colourOf(`s${i}`), surface)).toBeGreaterThanOrEqual(3);
    for (const text of ['ink', 'quiet', 'accent'])
      for (const behind of ['surface', 'page'])
        expect(contrast(colourOf(text), colourOf(behind))).toBeGreaterThanOrEqual(4.5);
  });
});

/** WCAG 2.2: relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
