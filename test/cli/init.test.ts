import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectTemplates } from '../../src/cli/project-templates.ts';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { runSegtag } from '../support/project.ts';
import { isFull } from '../support/proofs/seeds.ts';

const templates = Object.keys(projectTemplates);
const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'segtag-init-'));

describe('segtag init', () => {
  it.each(isFull ? templates : ['rfm'])(
    'writes a project of %s that runs at once, on data of its own',
    async (template) => {
      const folder = freshFolder();
      const made = await runSegtag(['-C', folder, 'init', 'demo', '--template', template, '--json']);
      const { files, directory } = JSON.parse(made.stdout) as { files: string[]; directory: string };
      expect({ exitCode: made.exitCode, directory }).toEqual({ exitCode: 0, directory: join(folder, 'demo') });
      expect(files.every((file) => existsSync(join(folder, 'demo', file)))).toBe(true);
      expect(files).toContain('config/schema/job.schema.json');
      const { exitCode, stdout, stderr } = await runSegtag(['-C', join(folder, 'demo'), 'run', template, '--json']);
      expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
      const { counts } = JSON.parse(stdout) as RunSummary;
      expect(counts.entered).toBeGreaterThan(500);
      expect(existsSync(join(folder, 'demo', 'var', 'sample.duckdb'))).toBe(true);
    },
  );

  it.each(templates)('writes a valid project from %s, with a job that fits on a page', async (template) => {
    const folder = freshFolder();
    expect((await runSegtag(['init', folder, '--template', template])).exitCode).toBe(0);
    const { exitCode, stdout } = await runSegtag(['-C', folder, 'validate']);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringContaining(`1 job is valid: ${template}.`),
    });
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toContain('var/');
    const lines = readFileSync(join(folder, 'jobs', `${template}.yaml`), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.length).toBeLessThanOrEqual(45);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(150);
    expect(lines.filter((line) => / # \w/.test(line)).length).toBeGreaterThanOrEqual(2);
  });

  it('writes nothing where one of its files is there already', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, '.gitignore'), 'mine\n');
    const { exitCode, stdout, stderr } = await runSegtag(['init', folder]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Nothing was written: .gitignore is there already.');
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('mine\n');
    expect(existsSync(join(folder, 'jobs'))).toBe(false);
  });
});
