import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/job/hash.ts';
import { reportAhead, type ReportAhead } from '../../../src/pipeline/nights/report-ahead.ts';
import type { Night } from '../../../src/report/night.ts';
import { renderReport } from '../../../src/report/render.ts';
import { nightOf, staged } from '../../support/in-process.ts';
import { sampleNight } from '../../support/sample-night.ts';
import { edit, smallProject } from '../../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../../support/staging-databases.ts';

const night = sampleNight();

describe.skipIf(availableParallelism() < 2)('a report that a thread draws', () => {
  it('has the bytes of one that is drawn here, and is of that night and no other', async () => {
    const ahead = reportAhead(1);
    await ahead.begin(1, () => Promise.resolve(night));
    try {
      expect(await ahead.textOf({ ...night, status: 'failed' })).toBeNull();
      expect(await ahead.textOf(night)).toBe(renderReport(night));
    } finally {
      await ahead.close();
    }
  });

  it('is not begun for a few changes, and fails nobody', async () => {
    const few = reportAhead(100);
    await few.begin(99, () => Promise.resolve(night));
    expect(await few.textOf(night)).toBeNull();
    const failed = reportAhead(1);
    await failed.begin(1, () => Promise.reject(new Error('the database is gone')));
    expect(await failed.textOf(night)).toBeNull();
    const ended = reportAhead(1);
    await ended.begin(1, () => Promise.resolve(night));
    await ended.close();
    expect(await ended.textOf(night)).toBeNull();
  });
});

describe.each(stagingEngines)('a night published to $name', ({ fresh }) => {
  let database: StagingDatabase;
  beforeAll(async () => {
    database = await fresh();
    await staged(database.connection, (staging) => staging.migrate(['segment_tag']));
  });
  afterAll(() => database.drop());

  it('is foreseen as its run is kept, and its report is what was drawn of it', async () => {
    const project = smallProject(database);
    edit(project, 'jobs/small.yaml', 'keep: 0', 'keep: 1');
    const nights: (Night | null)[] = [];
    const ahead: ReportAhead = {
      begin: async (changes, read) => {
        expect(changes).toBe(60);
        nights.push(await read());
      },
      textOf: (kept) => Promise.resolve(String(nights.push(kept))),
      close: () => Promise.resolve(),
    };
    const { run, report } = await nightOf(project, database.connection, '2026-06-30', {
      reportFolder: join(project.directory, 'reports'),
      reportAhead: ahead,
    });
    expect(run.status).toBe('published');
    const [foreseen, kept] = nights.map(canonicalJson);
    expect(foreseen).toBe(kept);
    expect(readFileSync(join(project.directory, report!), 'utf8')).toBe('2');
  });
});
