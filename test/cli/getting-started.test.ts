import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { shellWords } from '../support/command-lines.ts';
import { typed } from '../support/typed.ts';

type Step =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'command'; readonly line: string };

/** What a reader of the page does, in order: writes a file where the text before a block names one, and types commands. */
function stepsOf(page: string): Step[] {
  return [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap<Step>(({ index, 1: language, 2: text = '' }) => {
    if (language === 'sh')
      return text
        .trim()
        .split('\n')
        .map((line) => ({ kind: 'command', line }));
    const paragraph = page.slice(0, index).trimEnd().split('\n\n').at(-1)!;
    const path = /(?:^|, )`(shop\/[^`]+)`/.exec(paragraph)?.[1];
    return path === undefined ? [] : [{ kind: 'file', path, text }];
  });
}

type Connections = { readonly targets: Readonly<Record<string, unknown>> };

describe('the first half hour of docs/getting-started.md', () => {
  const steps = stepsOf(readFileSync('docs/getting-started.md', 'utf8'));
  const folder = mkdtempSync(join(tmpdir(), 'segtag-getting-started-'));
  const home = process.cwd();

  beforeAll(() => {
    for (const part of ['jobs', 'sql', 'config']) cpSync(part, join(folder, part), { recursive: true });
    process.chdir(folder);
  });
  afterAll(() => process.chdir(home));

  it('has files to write and commands to type', () => {
    const files = steps.flatMap((step) => (step.kind === 'file' ? [step.path] : []));
    expect(files).toEqual([
      'shop/data/orders.csv',
      'shop/config/connections.yaml',
      'shop/sql/buyers/customers.sql',
      'shop/jobs/buyers.yaml',
    ]);
    expect(steps.length - files.length).toBeGreaterThan(24);
  });

  it.each(steps.map((step) => [step.kind === 'file' ? step.path : step.line, step] as const))('%s', async (_, step) => {
    if (step.kind === 'file') return writeFile(step.path, step.text);
    const { status, stdout, stderr } = await run(step.line);
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    const [, wanted] = expectations.find(([part]) => step.line.includes(part)) ?? [];
    if (wanted) expect(stdout).toMatch(wanted);
  });

  /** What the page says of a command. */
  const expectations: (readonly [part: string, printed: RegExp])[] = [
    ['npm start', /^Wrote [\d,]+ tags to segment_tag/m],
    ['plan buyers', /Nothing was written to segment_tag/],
    ['export buyers', /^Ada,best,/m],
    ['customer buyers Ben', /^Ben in buyers: Best customers/m],
  ];

  it('writes nothing on a second night, and one tag for one order', async () => {
    const runs = await typed(['-C', 'shop', 'runs', 'buyers', '--json']);
    const { runs: ofBuyers } = JSON.parse(runs.stdout) as {
      runs: { status: string; counts: Record<string, number> }[];
    };
    expect(ofBuyers.map(({ status, counts }) => [status, counts.entered, counts.moved])).toEqual([
      ['published', 0, 1],
      ['published', 6, 0],
      ['superseded', 6, 0],
    ]);
    const first = await typed(['runs', 'opportunities', '--json']);
    const { runs: ofOpportunities } = JSON.parse(first.stdout) as { runs: { status: string }[] };
    expect(ofOpportunities.map(({ status }) => status)).toEqual(['published', 'no_change', 'published']);
  });
});

function writeFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, path.endsWith('connections.yaml') ? withServers(text) : text);
}

/** With a stand-in for the reader's servers: the files again, and a database of tags of their own. */
function withServers(text: string): string {
  const connections = parse(text) as Connections;
  const own = JSON.parse(JSON.stringify(connections.targets.files).replace('files.sqlite', 'own.sqlite')) as unknown;
  return stringify({ ...connections, targets: { ...connections.targets, prod: own } });
}

/** The program runs in this process; that `npm start` calls it is proven by the test of README.md. */
async function run(line: string): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const called = line === 'npm start' ? 'npx segtag run opportunities' : line;
  if (!called.startsWith('npx segtag ')) return spawnSync('sh', ['-c', called], { encoding: 'utf8' });
  const { exitCode, stdout, stderr } = await typed(shellWords(called).slice(2));
  return { status: exitCode, stdout, stderr };
}
