import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages } from './pages.ts';

const folder = 'docs/images';
const pictures = readdirSync(folder);
const drawn = pictures.filter((name) => name.endsWith('.svg'));

describe('the pictures of the docs', () => {
  it('are each shown by a page, with words for who cannot see them', () => {
    const shown = pages.flatMap(({ text }) =>
      [...text.matchAll(/!\[([^\]]{20,})\]\((?:\.\/|docs\/)?images\/([^)]+)\)/g)].map(([, , name]) => name),
    );
    expect(pictures.filter((name) => !shown.includes(name))).toEqual([]);
  });

  it.each(drawn)('%s is small, whole, asks for nothing, and has colours for light and dark', (name) => {
    const svg = readFileSync(join(folder, name), 'utf8');
    expect(svg.length).toBeLessThan(40_000);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^>]*><style>:root\{color-scheme:light dark/);
    expect(svg.match(/var\(--\w+\)/g)!.filter((each) => !svg.includes(`${each.slice(4, -1)}:#`))).toEqual([]);
    expect(svg.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|<script|NaN|undefined/);
  });
});
