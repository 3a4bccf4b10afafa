import { describe, expect, it } from 'vitest';
import { formatTable } from '../../../src/cli/text/table.ts';
import { liveText } from '../../../src/cli/progress.ts';

const columns = [
  { title: 'Segment', align: 'left' },
  { title: 'Median days', align: 'right' },
  { title: 'Trigger', align: 'left', isSpare: true },
  { title: 'Run', align: 'left', isWhole: true },
] as const;
const row = ['Exceptional deal of a lifetime', '5', 'manual', 'opportunities-20261122T072820Z-x4ly'];

describe('formatTable', () => {
  it('gives every column its room where there is enough', () => {
    expect(formatTable(columns, [row])).toBe(
      [
        '  Segment                         Median days  Trigger  Run',
        '  Exceptional deal of a lifetime            5  manual   opportunities-20261122T072820Z-x4ly',
      ].join('\n'),
    );
  });

  it.each([90, 80, 70, 60])(
    'fits %i columns: breaks titles, leaves out what is spare, shortens what is not copied',
    (width) => {
      const text = formatTable(columns, [row], width);
      const lengths = text.split('\n').map((line) => [...line].length);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(width);
      expect(text).toContain('opportunities-20261122T072820Z-x4ly');
      expect(text).toMatch(/^ +Median/);
    },
  );

  it('sets columns that have no room below the others, behind the first', () => {
    const many = ['From', ...'abcdefgh'].map((title, i) => ({ title, align: i === 0 ? 'left' : 'right' }) as const);
    const text = formatTable(many, [['renewal', ...'12345678'].map((cell) => cell.padStart(8, '0'))], 40);
    expect(text.split('\n').every((line) => line.length <= 40)).toBe(true);
    for (const cell of '12345678') expect(text).toContain(cell.padStart(8, '0'));
    expect(text.match(/renewal/g)).toHaveLength(3);
  });

  it('does without rows', () => {
    expect(formatTable([{ title: 'Job', align: 'left' }], [])).toBe('  Job');
  });
});

describe('liveText', () => {
  it('tells rows, rows per second and the time left by what an earlier night had', () => {
    const text = liveText({ stage: 'extract', elapsedMs: 2000, rows: 50_000, expectedRows: 200_000 });
    expect(text).toBe('… extract   █████░░░░░░░░░░░░░░░  25%  50,000 rows  25,000/s  6.0s left');
  });

  it('draws no bar where an earlier night had fewer rows, or there was none', () => {
    const rows = { stage: 'extract', elapsedMs: 2000, rows: 50_000 } as const;
    expect(liveText(rows)).toBe('… extract   50,000 rows  25,000/s  2.0s');
    expect(liveText({ ...rows, expectedRows: 40_000 })).toBe(liveText(rows));
  });

  it('tells how long a stage takes that counts no rows', () => {
    expect(liveText({ stage: 'segment', elapsedMs: 300 })).toBe('… segment');
    expect(liveText({ stage: 'segment', elapsedMs: 4200 })).toBe('… segment   4.2s');
  });
});
