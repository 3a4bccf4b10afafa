import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SegtagError } from '../../src/errors.ts';
import { listJobs, loadJob, loadJobs, parseJob } from '../../src/job/load-job.ts';
import { formatMistake, mistakesOf, type Mistake } from '../../src/job/mistake.ts';
import { sampleJob } from './sample-job.ts';

const file = 'jobs/opportunities.yaml';

function mistakesIn(text: string): readonly Mistake[] {
  const parsed = parseJob(text, file);
  return 'mistakes' in parsed ? parsed.mistakes : [];
}

/** The sample with one piece replaced; the piece must be there. */
function mistakesAfter(piece: string, replacement: string): readonly Mistake[] {
  expect(sampleJob).toContain(piece);
  return mistakesIn(sampleJob.replace(piece, replacement));
}

function only(mistakes: readonly Mistake[]): Mistake {
  expect(mistakes.map(formatMistake)).toHaveLength(1);
  return mistakes[0]!;
}

function project(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'segtag-jobs-'));
  mkdirSync(join(folder, 'jobs'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'jobs', name), text);
  return folder;
}

function failureOf(action: () => unknown): SegtagError {
  try {
    action();
  } catch (error) {
    if (error instanceof SegtagError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('parseJob', () => {
  it('reads a job and fills in defaults', () => {
    const parsed = parseJob(sampleJob, file);
    if ('mistakes' in parsed) throw new Error(parsed.mistakes.map(formatMistake).join('\n'));
    expect(parsed.job.guards.leavers).toEqual({ max: 0.1, min_customers: 10, then: 'hold' });
    expect(parsed.job.publish.scores).toBe('with_segment');
    expect(parsed.job.labels[0]?.mandatory).toBe(true);
  });

  it.each([
    [
      '{}',
      'jobs/opportunities.yaml:22:3  features.deals: "deals" is text in source.columns; number or money is needed',
    ],
    ['{ categories: auto, scale: zscore }', ':22:37  features.deals.scale: categories are scaled so that a mismatch'],
    ['{ order: [low, low] }', ':22:19  features.deals.order: a text is listed twice'],
    ['{ order: [low, high], transform: log1p }', ':22:43  features.deals.transform: texts have no logarithm'],
    ['{ order: [low, high], categories: auto }', 'features.deals.categories: a feature has either order or categories'],
  ])('says where a feature of texts is wrong: %s', (feature, message) => {
    const recency = 'recency_days: { scale: winsor_zscore, weight: 2 }';
    const text = sampleJob.replace('deals: number', 'deals: text').replace(recency, `deals: ${feature}\n  ${recency}`);
    expect(formatMistake(only(mistakesIn(text)))).toContain(message);
  });

  it('points a caret at a wrong word and names the near and the possible ones', () => {
    const mistakes = mistakesAfter('{ scale: winsor_zscore, weight: 2 }', '{ scale: zscor, weight: 2 }');
    expect(formatMistake(only(mistakes))).toBe(
      [
        'jobs/opportunities.yaml:22:26  features.recency_days.scale: "zscor" is not allowed',
        '   22 |   recency_days: { scale: zscor, weight: 2 }',
        '      |                          ^^^^^ did you mean "zscore"? one of winsor_zscore, zscore, robust, minmax, none',
      ].join('\n'),
    );
  });

  it('tells every mistake at once, from top to bottom', () => {
    const text = sampleJob
      .replace('version: 1', 'version: 2')
      .replace('check: unique', 'check: unqiue')
      .replace('factor: 3', 'factor: -3')
      .replace('then: hold }\n  segment_share', 'then: hlod }\n  segment_share')
      .replace('Europe/Lisbon', 'Europe/Lisbn');
    const mistakes = mistakesIn(text);
    expect(mistakes.map(({ path }) => path)).toEqual([
      'version',
      'checks[0].check',
      'outliers.factor',
      'guards.moved.then',
      'schedule.timezone',
    ]);
    expect(mistakes.map(({ suggestion }) => suggestion?.split('?')[0])).toEqual([
      undefined,
      'did you mean "unique"',
      undefined,
      'did you mean "hold"',
      'did you mean "Europe/Lisbon"',
    ]);
  });

  it.each([
    ['checks:', 'tests:', 'tests', 'did you mean "checks"?'],
    ['  customer_id:', '  primary_key:', 'source.primary_key', 'did you mean "customer_id"?'],
    ['  customer_id:', '  unique_key:', 'source.unique_key', 'did you mean "customer_id"?'],
    ['  params:', '  vars:', 'source.vars', 'did you mean "params"?'],
    ['job: ', 'name: ', 'name', 'did you mean "job"?'],
    ['k: 2', 'clusters: 2', 'segments.clusters', 'did you mean "k"?'],
    ['owner: ', 'cron: ', 'cron', 'did you mean "schedule.cron"?'],
    ['owner: ', 'query: ', 'query', 'the SQL stands in sql/<job>/customers.sql, not in the job file'],
    ['min: 1000,', 'threshold: 1000,', 'checks[2].threshold', 'write error_if or warn_if, such as error_if: "> 1%"'],
    ['owner: ', 'onwer: ', 'onwer', 'did you mean "owner"?'],
  ])('answers %s written as %s with our word', (ours, theirs, path, suggestion) => {
    const mistake = mistakesAfter(ours, theirs).find((each) => each.path === path);
    expect(mistake?.suggestion).toBe(suggestion);
    expect(mistake?.frame).toContain(theirs.trim().replace(/[:\s].*/, ''));
  });

  it('reads a key in other words as the one that was meant, so that what stands below it is checked too', () => {
    const text = sampleJob.replace('checks:', 'tests:').replace('check: unique', 'check: unqiue');
    expect(mistakesIn(text).map(({ line, path }) => `${line} ${path}`)).toEqual(['15 tests', '16 checks[0].check']);
  });

  it('does not call a key missing when another word stands in its place', () => {
    expect(only(mistakesAfter('  customer_id:', '  primary_key:')).message).toBe('"primary_key" is not a known key');
  });

  it.each([
    ['owner: data', 'freeze: true\nowner: data', 'freeze'],
    ['leavers: tombstone', 'leavers: tombstone, compute: warehouse', 'publish.compute'],
  ])('says that something designed but not built is not supported: %s → %s', (piece, replacement, path) => {
    const mistake = only(mistakesAfter(piece, replacement));
    expect(mistake.path).toBe(path);
    expect(mistake.message).toMatch(/ is not supported by this version$/);
  });

  it.each([
    ['  customer_id: account_id\n', '', 6, 'source.customer_id: is missing'],
    ['job: opportunities\n', '', 2, 'job: is missing'],
    ['{ check: unique, columns: [account_id] }', '{ columns: [account_id] }', 16, 'checks[0].check: is missing'],
  ])('places a missing key at its parent (%j)', (piece, replacement, line, sentence) => {
    const mistake = only(mistakesAfter(piece, replacement));
    expect(`${mistake.line} ${mistake.path}: ${mistake.message}`).toBe(`${line} ${sentence}`);
  });

  it.each([
    ['k: 2', 'k: two', 'segments.k: must be a number or auto'],
    ['max_drop: 20%', 'max_drop: 20', 'checks[2].max_drop: must be a percentage such as 10%, not a number'],
    ['silhouette_sq: off', 'silhouette_sq: of', 'guards.silhouette_sq: must be off or a map'],
    ['silhouette_sq: off', 'silhouette_sq: { min: 2 }', 'guards.silhouette_sq.min: must be at most 1'],
    [
      'mandatory: true, prototype: { value',
      'mandatory: yes, prototype: { value',
      'labels[0].mandatory: must be true or false, not text',
    ],
    ['"Edge Router", "Switch"', '', 'source.params.products: an empty list matches nothing; give at least one value'],
    ['columns: [value]', 'columns: []', 'outliers.columns: must have at least 1 entry'],
    ['name: Win-back', 'name: ""', 'labels[1].name: must not be empty'],
    [
      'window_days: 800',
      'Window: 800',
      'source.params.Window: must be a slug: a lower-case letter, then lower-case letters, digits or _, at most 63 in all',
    ],
    ['source:\n', 'source:\nfeatures:\n', ': the key "features" stands here a second time'],
  ])('explains a value that does not fit: %s → %s', (piece, replacement, sentence) => {
    const told = mistakesAfter(piece, replacement).map(({ path, message }) => `${path}: ${message}`);
    expect(told).toContain(sentence);
  });

  it.each([
    ['  value: { transform', '  valeu: { transform', 'features.valeu: "valeu" is not in source.columns'],
    ['columns: [value]', 'columns: [valu]', 'outliers.columns[0]: "valu" is not in source.columns'],
    [
      'columns: [account_id, recency',
      'columns: [acount_id, recency',
      'checks[1].columns[0]: "acount_id" is not in source.columns',
    ],
    [
      'value: money',
      'value: text',
      'features.value: "value" is text in source.columns; number or money is needed here',
    ],
    ['prototype: { value: 95 }', 'prototype: { deals: 95 }', 'labels[0].prototype.deals: "deals" is not a feature'],
    [
      'features:\n  recency_days: { scale: winsor_zscore, weight: 2 }\n  value: { transform: log1p, scale: winsor_zscore }',
      'features: {}',
      'features: kmeans needs at least one feature',
    ],
    [
      'recency_days: { scale: winsor_zscore, weight: 2 }',
      'recency_days: { order: [low, high] }',
      'features.recency_days: "recency_days" is number in source.columns; text is needed here',
    ],
    [
      'recency_days: { scale: winsor_zscore, weight: 2 }',
      'account_id: { categories: auto }\n  recency_days: {}',
      'features.account_id: "account_id" identifies the customer and cannot be measured',
    ],
    ['segment: win_back', 'segment: abm', 'labels[1].segment: labels[0] publishes "abm" already'],
    ['k: 2', 'k: 3', 'labels: 2 labels name a cluster, but k = 3 clusters each need a name'],
    [
      '- { segment: key_account',
      '- { segment: more, name: More, mandatory: true, prototype: { value: 1 } }\n  - { segment: key_account',
      'segments.k: 3 labels are mandatory, but k = 2 clusters cannot carry them all',
    ],
    [
      'campaign: account team, when: outlier',
      'prototype: { value: 1 }',
      'outliers: outliers are tagged, but no label names them',
    ],
    ['outliers: {', 'owner2: {', 'labels[2].when: this job has no outliers'],
    ['action: tag', 'action: clip', 'labels[2].when: outliers are not tagged, so this label never applies'],
    [
      'when: outlier',
      'when: outlier, prototype: { value: 9 }',
      'labels[2].when: outliers are not a cluster, so this label has no prototype',
    ],
    ['prototype: { value: 95 }', 'when: "valeu.median > 3"', 'labels[0].when: "valeu" is not in source.columns'],
    [
      'prototype: { value: 95 }',
      'when: "share(account_id > 3) > 0.5"',
      'labels[0].when: "account_id" identifies the customer and cannot be measured',
    ],
    [
      'prototype: { value: 95 }',
      'prototype: { value: 95 }, guard: value > 3',
      'labels[0].guard: what becomes of customers that fail it?',
    ],
    [
      'prototype: { value: 95 }',
      'prototype: { value: 95 }, guard_else: win_back',
      'labels[0].guard_else: nobody fails a guard that is not written',
    ],
    [
      'prototype: { value: 95 }',
      'prototype: { value: 95 }, guard: value > 3, guard_else: winback',
      'labels[0].guard_else: no label publishes "winback"',
    ],
    [
      'prototype: { value: 95 }',
      'prototype: { value: 95 }, guard: value > 3, guard_else: abm',
      'labels[0].guard_else: customers that fail the guard would stay',
    ],
    [
      'prototype: { value: 95 }',
      "prototype: { value: 95 }, guard: value > 'x', guard_else: win_back",
      'labels[0].guard: "value" is money in source.columns; text or date is needed here',
    ],
    ['when: outlier', 'when: outliers', 'labels[2].when: "outliers" is no condition'],
    [
      'when: outlier',
      'when: outlier, children: { k: 2, labels: [{ segment: rich, name: A, prototype: { value: 80 } }, { segment: poor, name: B, prototype: { value: 20 } }] }',
      'labels[2].children: outliers are not a cluster and are not divided',
    ],
    [
      'prototype: { value: 95 }',
      'prototype: { value: 95 }, children: { k: 2, labels: [{ segment: win_back, name: A, prototype: { value: 80 } }, { segment: poor, name: B, prototype: { value: 20 } }] }',
      'labels[0].children.labels[0].segment: labels[1] publishes "win_back" already',
    ],
    [
      'prototype: { value: 95 }',
      'prototype: { value: 95 }, children: { k: 2, labels: [{ segment: rich, name: A, prototype: { value: 80 } }, { segment: poor, name: B, prototype: { deals: 20 } }] }',
      'labels[0].children.labels[1].prototype.deals: "deals" is not a feature',
    ],
    [
      'prototype: { value: 95 }',
      'prototype: { value: 95 }, children: { k: 3, labels: [{ segment: rich, name: A, prototype: { value: 80 } }, { segment: poor, name: B, prototype: { value: 20 } }] }',
      'labels[0].children.labels: 2 labels name a cluster, but k = 3 clusters each need a name',
    ],
    [
      'prototype: { value: 95 }',
      'prototype: { value: 95 }, children: { labels: [{ segment: rich, name: A, prototype: { value: 80 } }, { segment: poor, name: B, prototype: { value: 20 } }] }',
      'labels[0].children.k: is missing',
    ],
    [
      'prototype: { value: 95 }',
      'prototype: { value: 95 }, children: { k: 2, labels: [{ segment: rich, name: A, prototype: { value: 80 }, children: { k: 2, labels: [] } }, { segment: poor, name: B, prototype: { value: 20 } }] }',
      'labels[0].children.labels[0].children: "children" is not a known key',
    ],
    [
      'prototype: { value: 95 }',
      'prototype: { value: 95 }, children: { k: 2, features: { valeu: {} }, labels: [{ segment: rich, name: A, prototype: { valeu: 80 } }, { segment: poor, name: B, prototype: { valeu: 20 } }] }',
      'labels[0].children.features.valeu: "valeu" is not in source.columns',
    ],
    [
      'prototype: { value: 95 }',
      'prototype: { value: 95 }, children: { k: 2, labels: [{ segment: rich, name: A, when: outlier }, { segment: poor, name: B, prototype: { value: 20 } }] }',
      'labels[0].children.labels[0].when: outliers are kept out of the fit and are not divided',
    ],
    [', prototype: { value: 95 }', '', 'labels[0]: neither prototype nor when says which customers this names'],
    [
      '  recency_days: {',
      '  account_id: {',
      'features.account_id: "account_id" identifies the customer and cannot be measured',
    ],
    ['job: opportunities', 'job: oportunities', 'job: the job is named "oportunities", the file opportunities.yaml'],
    [
      'min: 1%, max: 80%',
      'min: 90%, max: 80%',
      'guards.segment_share.min: min (90%) is above max (80%), so nothing can pass',
    ],
    ['"0 2 * * *"', '"0 25 * * *"', 'schedule.cron: "0 25 * * *" is not a cron expression: invalid value for hour: 25'],
    ['"0 2 * * *"', '"0 0 31 2 *"', 'schedule.cron: "0 0 31 2 *" names a time that never comes'],
    ['Europe/Lisbon', 'Lisbon', 'schedule.timezone: "Lisbon" is not an IANA time zone'],
    [
      'owner: data-eng@example.com',
      'owner: "${env:OWNER}"',
      'owner: references such as ${env:NAME} are not read in job files',
    ],
  ])('sees what no single field can say: %s → %s', (piece, replacement, sentence) => {
    const told = mistakesAfter(piece, replacement).map(({ path, message }) => `${path}: ${message}`);
    expect(told).toContain(sentence);
  });

  it.each([
    ['a shifted line', '  customer_id: account_id', '   customer_id: account_id', 8, 'this line is indented further'],
    ['a line shifted back', '  customer_id: account_id', ' customer_id: account_id', 8, 'this line is not indented'],
    ['a tab', '  customer_id: account_id', '\tcustomer_id: account_id', 8, 'a tab is not allowed as indentation'],
    ['an open quote', '"0 2 * * *"', '"0 2 * * *', 34, 'this is not YAML: missing closing'],
    ['an unquoted cron', '"0 2 * * *"', '* 2 * * *', 34, 'a text that starts with * or & must be quoted'],
    [
      'an unquoted reference in braces',
      'connection: crm',
      'connection: ${env:CRM}',
      33,
      'a reference inside { } or [ ] must be quoted',
    ],
    ['an alias to nothing', 'owner: data-eng@example.com', 'owner: *nobody', 5, 'unresolved alias'],
  ])('shows only the first mistake that %s causes', (_, piece, replacement, line, message) => {
    const mistake = only(mistakesAfter(piece, replacement));
    expect(mistake.line).toBe(line);
    expect(mistake.message).toContain(message);
    expect(mistake.path).toBe('');
  });

  it('calls an empty file empty', () => {
    expect(only(mistakesIn('# nothing yet\n')).message).toBe('the file is empty');
  });

  it('never throws, and points into the text, whatever is done to a file', () => {
    const cut = fc.tuple(fc.nat(sampleJob.length), fc.nat(30), fc.string({ maxLength: 5 }));
    fc.assert(
      fc.property(cut, ([start, length, inserted]) => {
        const text = sampleJob.slice(0, start) + inserted + sampleJob.slice(start + length);
        for (const mistake of mistakesIn(text)) {
          expect(mistake.line).toBeLessThanOrEqual(text.split('\n').length);
          expect(mistake.column).toBeGreaterThan(0);
          expect(mistake.frame).toContain('^');
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('notify', () => {
  const told = (notify: string) => mistakesAfter('owner: data', `notify: [${notify}]\nowner: data`);

  it.each([
    ['{ webhook: "https://example.com/canary" }', 'notify[0].webhook', /must not stand in this file/],
    ['{ webhook: "${env:HOOK}", secret: canary }', 'notify[0].secret', /must not stand in this file/],
    ['{ webhook: "${env:HOOK}/canary" }', 'notify[0].webhook', /must not stand in this file/],
    ['{ events: [failed] }', 'notify[0]', /neither webhook nor email/],
    ['{ webhook: "${env:HOOK}", email: a@example.com }', 'notify[0]', /two ways/],
    ['{ email: a@example.com, secret: "${env:KEY}" }', 'notify[0].secret', /only webhooks are signed/],
    ['{ webhook: "${env:HOOK}", remind_after: 7 }', 'notify[0].remind_after', /text/],
  ])('refuses %s with its place, and does not show a secret', (notify, path, message) => {
    const mistake = only(told(notify));
    expect(mistake).toMatchObject({ path, line: 5, message: expect.stringMatching(message) });
    expect(formatMistake(mistake)).not.toContain('canary');
  });

  it('takes references, and hours or days', () => {
    expect(told('{ webhook: "${env:HOOK}", secret: "${file:/run/key}", remind_after: 7d, events: [held] }')).toEqual(
      [],
    );
  });
});

describe('loadJob', () => {
  it('gives the job, and where each of its values stands', () => {
    const loaded = loadJob(project({ 'opportunities.yaml': sampleJob }), 'opportunities');
    expect(loaded.job.job).toBe('opportunities');
    expect(loaded.locate(['source', 'params', 'products'])).toBe('jobs/opportunities.yaml:9:41');
    expect(loaded.locate(['source', 'timeout_seconds'])).toBe('jobs/opportunities.yaml:6:1');
  });

  it('throws one error with the mistakes of all files and their number', () => {
    const folder = project({
      'opportunities.yaml': sampleJob.replace('seed: 800', 'seed: -1'),
      'other.yaml': sampleJob.replace('version: 1', 'version: 3'),
    });
    const failure = failureOf(() => loadJobs(folder));
    expect(failure.code).toBe('E_JOB_INVALID');
    expect(failure.exitCode).toBe(2);
    expect(failure.message).toMatch(/\n3 errors in 2 job files\. Nothing was run\.$/);
    expect(mistakesOf(failure).map((each) => `${each.file} ${each.path}`)).toEqual([
      'jobs/opportunities.yaml segments.seed',
      'jobs/other.yaml version',
      'jobs/other.yaml job',
    ]);
  });

  it('suggests the nearest job for a name that does not exist', () => {
    const failure = failureOf(() => loadJob(project({ 'opportunities.yaml': sampleJob }), 'oportunitys'));
    expect(failure.code).toBe('E_NOT_FOUND');
    expect(failure.what).toBe('there is no job "oportunitys"; did you mean "opportunities"?');
    expect(failure.remedy).toBe('Jobs: opportunities.');
  });

  it('finds a file with the wrong ending and says how to name it', () => {
    const failure = failureOf(() => loadJob(project({ 'orders.yml': sampleJob }), 'orders'));
    expect(failure.remedy).toBe('Rename jobs/orders.yml to jobs/orders.yaml.');
  });

  it('lists jobs in order of their names, and other files not at all', () => {
    expect(listJobs(project({ 'b.yaml': '', 'a.yaml': '', 'c.txt': '' }))).toEqual(['a', 'b']);
  });

  it('reports a file with a mistake in most of its lines', () => {
    const folder = project({
      'opportunities.yaml': sampleJob.replaceAll('value', 'valeu').replace('version', 'vresion'),
    });
    expect(failureOf(() => loadJob(folder, 'opportunities')).code).toBe('E_JOB_INVALID');
  });
});
