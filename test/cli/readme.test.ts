import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { shellWords } from '../support/command-lines.ts';
import { typed } from '../support/typed.ts';

type Connections = { targets: Record<string, unknown> };

describe('the commands of README.md', () => {
  const readme = readFileSync('README.md', 'utf8');
  const lines = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => block.trim().split('\n'));
  const folder = mkdtempSync(join(tmpdir(), 'segtag-readme-'));

  beforeAll(() => {
    for (const part of ['jobs', 'sql', 'config', 'package.json']) cpSync(part, join(folder, part), { recursive: true });
    for (const part of ['src', 'dist', 'node_modules']) symlinkSync(resolve(part), join(folder, part));
    const path = join(folder, 'config/connections.yaml');
    const connections = parse(readFileSync(path, 'utf8')) as Connections;
    // A stand-in for the reader's own databases, which the commands of the third block go to.
    const own = JSON.parse(JSON.stringify(connections.targets.sample).replace('crm.sqlite', 'own.sqlite')) as unknown;
    writeFileSync(path, stringify({ ...connections, targets: { ...connections.targets, prod: own } }));
  });

  it('are there', () => {
    expect(lines.length).toBeGreaterThanOrEqual(7);
    expect(lines.filter((line) => !/^(npm start|npm test|npx segtag) /.test(line))).toEqual([]);
  });

  // `npm test` is what runs this.
  const [first, second, ...others] = lines.filter((line) => !line.startsWith('npm test'));

  it.each([first!, second!])('%s', (line) => {
    const [command = '', ...args] = shellWords(line);
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Wrote [\d,]+ tags to segment_tag/m);
  });

  it.each(others)('%s', async (line) => {
    const { exitCode, stderr } = await typed(['-C', folder, ...shellWords(line).slice(2)]);
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
  });
});
