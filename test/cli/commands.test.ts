import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ColumnsSummary } from '../../src/pipeline/inquiries/describe-columns.ts';
import { runSegtag } from '../support/project.ts';
import { edit, sixtyCustomers, smallProject } from '../support/small-project.ts';
import { stagingEngines } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;

async function freshProject() {
  return smallProject(await sqlite.fresh());
}

describe('segtag validate', () => {
  it('finds every mistake at once, each with its place and a suggestion', async () => {
    const project = await freshProject();
    edit(project, 'jobs/small.yaml', 'description:', 'descripton:');
    edit(project, 'jobs/small.yaml', 'recency_days: { scale: zscore }', 'recency_days: { scale: zscor }');
    edit(project, 'jobs/small.yaml', 'k: 2', 'k: two');
    edit(
      project,
      'jobs/small.yaml',
      'mandatory: true, prototype: { recency_days: 25 }',
      'mandatory: yes, prototype: { recency: 25 }',
    );
    const { exitCode, stdout, stderr } = await project.segtag(['validate']);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    const places = stderr.match(/^jobs\/small\.yaml:\d+:\d+/gm) ?? [];
    expect(new Set(places).size).toBeGreaterThanOrEqual(5);
    expect(stderr).toContain('did you mean "zscore"');
    expect(stderr).toMatch(/errors in 1 job file\. Nothing was run\.\s*$/);
  });

  it('finds mistakes in the SQL before anything is run', async () => {
    const project = await freshProject();
    edit(project, 'sql/small/customers.sql', ':as_of', ':as_off');
    const { exitCode, stderr } = await project.segtag(['validate', 'small']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/sql\/small\/customers\.sql:3:\d+[\s\S]*as_of/);
  });

  it('prints a job with its defaults, warnings apart', async () => {
    const project = await freshProject();
    const { exitCode, stdout } = await project.segtag(['validate', 'small', '--show-effective']);
    expect(exitCode).toBe(0);
    writeFileSync(join(project.directory, 'jobs/small.yaml'), stdout);
    const again = await project.segtag(['validate', 'small', '--show-effective', '--json']);
    const { effective } = JSON.parse(again.stdout) as { effective: Record<string, string> };
    expect(stdout).toContain('\nretry:\n  budget_seconds: 120\n');
    expect(`# jobs/small.yaml, with its defaults\n${effective['small']!.trimEnd()}\n`).toBe(stdout);
  });

  it('names the jobs that are valid', async () => {
    const { exitCode, stdout } = await (await freshProject()).segtag(['validate']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '1 job is valid: small.\n' });
  });
});

describe('segtag columns', () => {
  it('says what customers.sql returns and how to write it down, also where the job expects something else', async () => {
    const project = await freshProject();
    edit(
      project,
      'sql/small/customers.sql',
      'SELECT id',
      "SELECT DATE '2026-01-31' AS seen, NULL::VARCHAR AS note, id",
    );
    edit(project, 'jobs/small.yaml', 'value: money }', 'value: money, note: date, gone: date }');
    const { exitCode, stdout, stderr } = await project.segtag(['columns', 'small', '--json']);
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    const { rows, columns } = JSON.parse(stdout) as ColumnsSummary;
    expect(rows).toBe(60);
    const values = sixtyCustomers.map(([, , value]) => Number(value)).toSorted((a, b) => a - b);
    expect(Object.fromEntries(columns.map((column) => [column.name, column]))).toMatchObject({
      id: { type: 'text', different: 60, missing: 0, used_by: ['customer_id'] },
      seen: { type: 'date', smallest: '2026-01-31', largest: '2026-01-31', used_by: [] },
      note: { type: 'text', contract: 'date', missing: 60, different: 0 },
      value: { type: 'money', contract: 'money', smallest: values[0], median: values[29], largest: values[59] },
    });
    const shown = await project.segtag(['columns', 'small']);
    expect(shown.stdout).toContain('text, not date');
    expect(shown.stdout).toContain('columns: { seen: date, note: text, id: text');
    expect((await project.segtag(['run', 'small'])).stderr).toContain('E_COLUMN_CONTRACT');
    const written = await project.segtag(['columns', 'small', '--write']);
    expect(written.stdout).toMatch(/Wrote the contract to jobs\/small\.yaml\.\n$/);
    expect((await project.segtag(['columns', 'small', '--write'])).stdout).toMatch(/Nothing was written\.\n$/);
    expect((await project.segtag(['run', 'small'])).exitCode).toBe(0);
  });
});

describe('segtag columns --write', () => {
  it('leaves the job file as it was where it cannot write', async () => {
    const project = await freshProject();
    edit(project, 'sql/small/customers.sql', 'SELECT id', 'SELECT 1 AS more, id');
    const jobs = join(project.directory, 'jobs');
    const before = readFileSync(join(jobs, 'small.yaml'), 'utf8');
    chmodSync(jobs, 0o555);
    const { exitCode, stderr } = await project.segtagHeldByPermissions(['columns', 'small', '--write']);
    chmodSync(jobs, 0o755);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(/E_USAGE .*jobs\/small\.yaml\n/),
    });
    expect(readFileSync(join(jobs, 'small.yaml'), 'utf8')).toBe(before);
    expect(readdirSync(jobs)).toEqual(['small.yaml']);
  });
});

describe('segtag plan --detailed-exitcode', () => {
  it('tells a script whether a night would publish something', async () => {
    const project = await freshProject();
    const plan = (...args: string[]) => project.segtag(['plan', 'small', '--as-of', '2026-06-30', ...args]);
    expect((await plan('--detailed-exitcode')).exitCode).toBe(10);
    expect((await plan()).exitCode).toBe(0);
    expect((await project.segtag(['run', 'small', '--as-of', '2026-06-30'])).exitCode).toBe(0);
    expect((await plan('--detailed-exitcode')).exitCode).toBe(0);
  });
});

describe('segtag', () => {
  it.each([
    [['rum', 'small'], "Unknown command 'rum'. (Did you mean run?)"],
    [['run', 'smal'], 'small'],
    [['run', 'small', '--as-of', '2026-02-30'], 'not a date that exists'],
    [['run', 'small', '--set', 'x=1'], 'no parameter "x"'],
    [['run', 'small', '--target', 'tset'], 'test'],
    [['show', 'small-20260101T000000Z-aaaa'], 'no such run'],
    [['approve', 'nope'], 'not the id of a run'],
    [['schedule', 'preview', 'small', '--from', 'junk'], '--from'],
  ])('%j is refused with exit code 2 and a way out', async (args, hint) => {
    const { exitCode, stderr } = await (await freshProject()).segtag(args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(hint);
  });

  it('keeps talk off stdout, and control codes out of pipes', async () => {
    const project = await freshProject();
    const { stdout, stderr } = await project.segtag(['run', 'small', '--json']);
    expect(Object.keys(JSON.parse(stdout) as object)).toContain('schemaVersion');
    // oxlint-disable-next-line no-control-regex
    expect(stdout + stderr).not.toMatch(/\u001B|\r/);
    expect(stderr).toMatch(/✓ extract {3}60 customers/);
  });

  it('shows customer ids only when asked', async () => {
    const project = await freshProject();
    await project.segtag(['run', 'small']);
    const text = readFileSync(join(project.directory, 'customer.csv'), 'utf8');
    writeFileSync(join(project.directory, 'customer.csv'), text.replace('C000,10,', 'C000,600,'));
    const shown = await project.segtag(['plan', 'small', '--show-ids']);
    expect(shown.stdout).toMatch(/C000\s+recent → gone\s+recency_days 10 → 600/);
    const hidden = await project.segtag(['plan', 'small']);
    expect(hidden.stdout + hidden.stderr).not.toContain('C000');
    expect(hidden.stdout).toMatch(/recent → gone\s+recency_days went up$/m);
  });

  it('logs one JSON object a line when asked', async () => {
    const { stderr } = await (await freshProject()).segtag(['--log-format', 'json', 'run', 'small']);
    const lines = linesOf(stderr);
    expect(lines.map(({ stage }) => stage)).toContain('publish');
    expect(new Set(lines.map(({ run_id: id }) => id)).size).toBe(1);
  });

  it('says on each line of a run which run, job, stage and slot it is about, also when it fails', async () => {
    const project = await freshProject();
    const slot = '2026-06-30T02:00:00.000Z';
    const log = ['--log-format', 'json', 'run', 'small'];
    const good = linesOf((await project.segtag([...log, '--slot', slot])).stderr);
    edit(project, 'sql/small/customers.sql', 'WHERE', 'WHERE 1 = 0 AND');
    const bad = linesOf((await project.segtag(log)).stderr);
    for (const [lines, expected] of [
      [good, slot],
      [bad, null],
    ] as const)
      for (const line of lines)
        expect(line).toMatchObject({
          run_id: expect.stringMatching(/^small-/),
          job: 'small',
          stage: expect.any(String),
          slot: expected,
        });
    expect(bad.at(-1)).toMatchObject({ stage: 'check', code: 'E_EMPTY_READ' });
  });

  it('prints its version and its commands', async () => {
    expect((await runSegtag(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const { exitCode, stdout } = await runSegtag(['--help']);
    expect(exitCode).toBe(0);
    for (const command of ['run', 'plan', 'approve', 'validate', 'migrate', 'connections', 'schedule'])
      expect(stdout).toContain(command);
  });
});

function linesOf(stderr: string): { stage?: string; run_id?: string; code?: string }[] {
  const lines = stderr.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as { stage?: string; run_id?: string; code?: string });
}

describe('a failure', () => {
  it('is one JSON object on stdout with --json, also for a mistyped command', async () => {
    const project = await freshProject();
    for (const args of [
      ['run', 'smal'],
      ['rum', 'small'],
      ['run', 'small', '--threads', 'many'],
    ]) {
      const { exitCode, stdout } = await project.segtag(['--json', ...args]);
      expect(exitCode).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, error: { exit: 2 } });
    }
  });

  it('is one JSON object a line on stderr with --log-format json', async () => {
    const project = await freshProject();
    edit(project, 'sql/small/customers.sql', 'WHERE', 'WHERE 1 = 0 AND');
    const { exitCode, stderr } = await project.segtag(['--log-format', 'json', 'run', 'small']);
    expect(exitCode).toBe(3);
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: string; code?: string });
    expect(lines.at(-1)).toMatchObject({ level: 'error', code: 'E_EMPTY_READ' });
  });

  it('of a reader that goes away is none of a run', async () => {
    const project = await freshProject();
    await project.segtag(['run', 'small']);
    const { stdout, stderr } = await project.piped(['runs'], 'true');
    expect(stdout + stderr).toBe('');
  });

  it('of a date is a usage error in every command that takes one', async () => {
    const project = await freshProject();
    for (const command of ['run', 'plan', 'render']) {
      expect((await project.segtag([command, 'small', '--as-of', '2026-13-45'])).exitCode).toBe(2);
    }
  });

  it('of the CRM connection is found by validate, which needs no secrets', async () => {
    const project = await freshProject();
    edit(
      project,
      'config/connections.yaml',
      '"client": "duckdb"',
      '"client": "postgres", "host": "${env:NOWHERE}", "user": "u", "database": "d", "password": "${env:NOTHING}"',
    );
    edit(project, 'config/connections.yaml', '"views": {', '"x_views": {');
    expect((await project.segtag(['validate'])).stderr).toContain('x_views');
    edit(
      project,
      'config/connections.yaml',
      '"x_views": {\n            "customer": "customer.csv"\n          }',
      '"port": 1',
    );
    expect(await project.segtag(['validate'])).toMatchObject({ exitCode: 0 });
    edit(project, 'jobs/small.yaml', 'labels:', 'publish: { connection: nope }\nlabels:');
    expect((await project.segtag(['validate'])).exitCode).toBe(2);
  });
});
