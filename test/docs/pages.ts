import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Page = { readonly path: string; readonly text: string };
export type Block = { readonly path: string; readonly language: string; readonly text: string };

/** README.md and every page under docs/. */
export const pages: readonly Page[] = ['README.md', ...pathsUnder('docs')].map((path) => ({
  path,
  text: readFileSync(path, 'utf8'),
}));

/** The fenced blocks of a page. */
export function blocksOf({ path, text }: Page): Block[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', inner = '']) => ({
    path,
    language,
    text: inner,
  }));
}

/** What stands between backticks outside of the blocks of a page. */
export function codeIn({ text }: Page): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll(/\s+/g, ' '));
}

function pathsUnder(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true }).map((path) => join(folder, String(path)));
  return paths.filter((path) => path.endsWith('.md')).sort();
}
