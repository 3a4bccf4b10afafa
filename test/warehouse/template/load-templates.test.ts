import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadJob, type LoadedJob } from '../../../src/job/load-job.ts';
import { checkParameters } from '../../../src/warehouse/template/check-parameters.ts';
import { loadTemplates, type Templates } from '../../../src/warehouse/template/load-templates.ts';
import type { Dialect } from '../../../src/warehouse/warehouse.ts';
import { sampleJob } from '../../job/sample-job.ts';

type Project = { readonly loaded: LoadedJob; templates(dialect: Dialect): Templates };

/** A project with the sample job, which declares :window_days and :products, and the given SQL files. */
function project(files: Record<string, string>, job = sampleJob): Project {
  const folder = mkdtempSync(join(tmpdir(), 'segtag-templates-'));
  mkdirSync(join(folder, 'jobs'));
  writeFileSync(join(folder, 'jobs/opportunities.yaml'), job);
  mkdirSync(join(folder, 'sql/opportunities'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'sql/opportunities', name), text);
  const loaded = loadJob(folder, 'opportunities');
  return { loaded, templates: (dialect) => loadTemplates(folder, loaded.job, dialect) };
}

const both = 'select :window_days from t where p in (:products)';

describe('loadTemplates', () => {
  it('takes the variant of the engine before the general file', () => {
    const { templates } = project({
      'customers.sql': 'select 1',
      'customers.vertica.sql': 'select 2',
      'quality.sql': 'select 3',
      'README.md': 'not SQL',
    });
    expect(templates('vertica').customers.file).toBe('sql/opportunities/customers.vertica.sql');
    expect(templates('vertica').customers.text).toBe('select 2');
    expect(templates('duckdb').customers.text).toBe('select 1');
    expect(templates('duckdb').overridden.map(({ file }) => file)).toEqual(['sql/opportunities/customers.vertica.sql']);
    expect(templates('duckdb').quality?.text).toBe('select 3');
  });

  it.each([
    [{}, 'customers.sql is missing'],
    [{ 'customers.mysql.sql': '' }, 'customers.sql is missing for duckdb'],
    [{ 'customer.sql': '' }, 'customer.sql is not a template; did you mean customers.sql?'],
    [{ 'customers.vertika.sql': '' }, 'customers.vertika.sql is not a template; did you mean customers.vertica.sql?'],
    [{ 'notes.sql': '' }, 'notes.sql is not a template'],
    [
      { 'customers.sql': '', 'quality.sql': '', 'pairs.sql': '' },
      'pairs.sql is not read: the job has no recommendations',
    ],
    [
      { 'customers.sql': '', 'quality.sql': '', 'ready.postgres.sql': '' },
      'ready.postgres.sql is not read: the job waits for nothing.',
    ],
    [{ 'customers.sql': '' }, 'quality.sql is missing, but a check of the job reads its rules'],
  ])('refuses a folder with %j', (files, message) => {
    expect(() => project(files).templates('duckdb')).toThrow(`sql/opportunities/  ${message}`);
  });
});

const recommending = `${sampleJob}recommendations: {}\n`;
const forRecommendations = { 'customers.sql': both, 'quality.sql': '', 'purchases.sql': 'select 1', 'pairs.sql': '' };

describe('the templates of recommendations', () => {
  it('are read where the job recommends products', () => {
    const { purchases, pairs } = project(forRecommendations, recommending).templates('duckdb');
    expect([purchases?.text, pairs?.file]).toEqual(['select 1', 'sql/opportunities/pairs.sql']);
  });

  it.each(['purchases', 'pairs'])('must both be there: not without %s.sql', (missing) => {
    const { [`${missing}.sql`]: _, ...files } = forRecommendations as Record<string, string>;
    expect(() => project(files, recommending).templates('duckdb')).toThrow(
      `${missing}.sql is missing, but the job has recommendations`,
    );
  });
});

function check(files: Record<string, string>, job = sampleJob): void {
  const { loaded, templates } = project({ 'quality.sql': 'select 1', ...files }, job);
  checkParameters(templates('duckdb'), loaded, 'duckdb');
}

describe('checkParameters', () => {
  it('is content when each parameter is declared and used somewhere', () => {
    expect(() => check({ 'customers.sql': both })).not.toThrow();
    expect(() => check({ 'customers.sql': 'select :window_days', 'quality.sql': 'select :products' })).not.toThrow();
  });

  it('counts what the variant of another engine uses', () => {
    expect(() => check({ 'customers.sql': 'select 1', 'customers.vertica.sql': both })).not.toThrow();
  });

  it('tells unknown and unused parameters of all files at once, each with its place', () => {
    expect(() => check({ 'customers.sql': 'select\n :windowdays', 'quality.sql': 'select :run_id' })).toThrow(
      [
        'sql/opportunities/customers.sql:2:2  :windowdays is not among source.params',
        '    2 |  :windowdays',
        '      |  ^^^^^^^^^^^ did you mean :window_days?',
        'jobs/opportunities.yaml:9:13  source.params.window_days: no template of this job uses :window_days',
        '    9 |   params: { window_days: 800, products: ["Edge Router", "Switch"] }',
        '      |             ^^^^^^^^^^^ remove it, or use it in the SQL',
        'jobs/opportunities.yaml:9:31  source.params.products: no template of this job uses :products',
        '    9 |   params: { window_days: 800, products: ["Edge Router", "Switch"] }',
        '      |                               ^^^^^^^^ remove it, or use it in the SQL',
        '3 errors in 2 files. Nothing was run.',
      ].join('\n'),
    );
  });

  it('refuses a parameter with the name of one that is always there', () => {
    const job = sampleJob.replace('window_days: 800', 'window_days: 800, as_of: "2026-01-01"');
    expect(() => check({ 'customers.sql': `${both} and :as_of` }, job)).toThrow('as_of is always there');
  });

  it('tells an unreadable template with line and column', () => {
    expect(() => check({ 'customers.sql': `${both}\n and x = 'open` })).toThrow(
      'sql/opportunities/customers.sql:2:10  this quote is not closed',
    );
  });
});
