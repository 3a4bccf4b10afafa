import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages } from './pages.ts';

describe('links of README.md and docs/', () => {
  const links = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => ({ path, to })),
  );

  it('lead to files that are there', () => {
    const local = links.filter(({ to }) => !/^(https?:|mailto:|#)/.test(to));
    expect(local.length).toBeGreaterThan(50);
    expect(local.filter(({ path, to }) => !existsSync(join(dirname(path), withoutAnchor(to))))).toEqual([]);
  });

  it('lead to headings that are there', () => {
    const anchored = links.filter(({ to }) => /^[^:]*#/.test(to));
    const lost = anchored.filter(({ path, to }) => {
      const file = to.startsWith('#') ? path : join(dirname(path), withoutAnchor(to));
      return !anchorsOf(readFileSync(file, 'utf8')).includes(to.replace(/^.*#/, ''));
    });
    expect(lost).toEqual([]);
  });
});

function withoutAnchor(link: string): string {
  return link.replace(/#.*$/, '');
}

/** Headings as a page's anchors: in lower case, spaces as hyphens, other marks gone; repeated ones numbered. */
function anchorsOf(text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const slugs = [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return slugs.map((slug, i) => {
    const before = slugs.slice(0, i).filter((each) => each === slug).length;
    return before === 0 ? slug : `${slug}-${before}`;
  });
}
