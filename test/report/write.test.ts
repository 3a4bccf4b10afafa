import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepNewest, writeReportFile } from '../../src/report/write.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'segtag-reports-'));

describe('the folder of reports', () => {
  it('keeps the newest nights, and whatever else lies there', () => {
    const place = folder();
    const nights = ['01', '02', '03'].map((day) => `shop-202607${day}T020000Z-aaaa.html`);
    for (const name of [...nights.toReversed(), 'notes.html']) writeFileSync(join(place, name), '');
    keepNewest(place, 2);
    expect(readdirSync(place).toSorted()).toEqual(['notes.html', nights[1], nights[2]]);
  });

  it('has each report whole, in folders that are made for it', () => {
    const path = join(folder(), 'a', 'b', 'report.html');
    writeReportFile(path, 'one');
    writeReportFile(path, 'two');
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(readdirSync(join(path, '..'))).toEqual(['report.html']);
  });
});
