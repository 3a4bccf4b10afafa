import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/run.ts';
import { inFile } from '../support/night.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { edit, smallProject } from '../support/small-project.ts';
import { stagingEngines, type Row, type StagingDatabase } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;
const jobs = readdirSync('jobs').map((file) => basename(file, '.yaml'));

let database: StagingDatabase;
let project: TestProject;

beforeAll(async () => {
  database = await sqlite.fresh();
  const warehouse = { client: 'duckdb', file: 'var/sample.duckdb', build: 'sql/sample' };
  const connections = { warehouse, crm: inFile(database.connection) };
  project = makeProject('.', { sample: { as_of: '2026-06-30', connections } }, { withReports: true });
});
afterAll(() => database.drop());

type Told = { readonly exitCode: number; readonly said: string; readonly printed: string };

/** `segtag run` in this process. */
async function run(job: string, asOf?: string): Promise<Told> {
  const [said, printed]: [string[], string[]] = [[], []];
  const terminal = {
    say: (line: string) => void said.push(line),
    live: () => {},
    print: (text: string) => void printed.push(text),
    style: (_: string, text: string) => text,
    width: undefined,
  };
  const options = { directory: project.directory, logFormat: 'human', set: [], trigger: 'manual' } as const;
  const exitCode = await runCommand(terminal, job, 'publish', { ...options, holdOk: true, ...(asOf ? { asOf } : {}) });
  return { exitCode, said: said.join('\n'), printed: printed.join('\n') };
}

type Report = { readonly runId: string; readonly page: string; table(id: string): Record<string, string>[] };

/** The report that a run says it has written, and its tables as their CSV files have them. */
function reportOf({ printed }: Told): Report {
  const path = /Report: (\S+\.html)$/.exec(printed)![1]!;
  const page = readFileSync(join(project.directory, path), 'utf8');
  return {
    runId: basename(path, '.html'),
    page,
    table(id) {
      const link = new RegExp(`download="${id}\\.csv"\\s+href="data:text/csv;charset=utf-8,([^"]*)"`).exec(page);
      return link ? recordsOf(decodeURIComponent(link[1]!.replaceAll('&#39;', "'"))) : [];
    },
  };
}

function recordsOf(csv: string): Record<string, string>[] {
  const lines = csv
    .split('\r\n')
    .slice(0, -1)
    .map((line) =>
      [...`${line},`.matchAll(/(?:"((?:[^"]|"")*)"|([^",]*)),/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!,
      ),
    );
  const [titles, ...rows] = lines;
  return rows.map((cells) => Object.fromEntries(cells.map((cell, i) => [titles![i]!, cell])));
}

const numberOf = (row: Record<string, string>, title: string): number => Number(row[title]);
const round = (value: number): number => Number(value.toPrecision(12));

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

type Tag = { readonly name: string; readonly scores: Record<string, number | null> };

async function tagsOf(job: string): Promise<Tag[]> {
  const rows = await database.query(`select segment_name, scores from segment_tag where job = ? and state = 'active'`, [
    job,
  ]);
  return rows.map(({ segment_name: name, scores }) => ({
    name: String(name),
    scores: JSON.parse(String(scores)) as Tag['scores'],
  }));
}

async function runRow(runId: string): Promise<Row & { summary: Record<string, unknown> }> {
  const [row] = await database.query('select * from segtag_run where run_id = ?', [runId]);
  return { ...row, summary: JSON.parse(String(row!.summary)) as Record<string, unknown> };
}

describe.each(jobs)('the report of the job %s', (job) => {
  let report: Report;

  beforeAll(async () => {
    const told = await run(job);
    expect(told).toMatchObject({ exitCode: 0 });
    report = reportOf(told);
  });

  it('has every number of its segments from the tags', async () => {
    const tags = await tagsOf(job);
    const segments = report.table('segments');
    const measured = Object.keys(segments[0]!).flatMap((title) => {
      const [, statistic, words] = /^(Median|Mean) (.*)$/.exec(title) ?? [];
      if (words === undefined) return [];
      const column = words.replace(/ \((\w+)\)$/, '_$1').replaceAll(' ', '_');
      return [{ title, statistic, column }];
    });
    expect(measured.length).toBeGreaterThan(0);
    expect(segments.reduce((sum, row) => sum + numberOf(row, 'Customers'), 0)).toBe(tags.length);
    for (const row of segments) {
      const members = tags.filter(({ name }) => name === row['Segment']);
      expect(numberOf(row, 'Customers')).toBe(members.length);
      expect(round(numberOf(row, 'Share'))).toBe(round(members.length / tags.length));
      for (const { title, statistic, column } of measured) {
        const values = members.map(({ scores }) => scores[column] ?? NaN).filter((value) => Number.isFinite(value));
        const expected =
          statistic === 'Mean' ? values.reduce((sum, value) => sum + value, 0) / values.length : medianOf(values);
        expect(numberOf(row, title)).toBeCloseTo(expected, 6);
      }
    }
    const sizes = report.table('size-and-value');
    const value = measured[0]!.column;
    const total = tags.reduce((sum, { scores }) => sum + (scores[value] ?? 0), 0);
    for (const row of sizes) {
      const members = tags.filter(({ name }) => name === row['Segment']);
      const sum = members.reduce((part, { scores }) => part + (scores[value] ?? 0), 0);
      expect(numberOf(row, 'Share of value')).toBeCloseTo(sum / total, 9);
    }
  });

  it('counts in its heat map whom the tags have in each band', async () => {
    const rows = report.table('recency-and-frequency');
    if (rows.length === 0) return;
    const { figures } = (
      await database.query('select figures from segtag_figures where run_id = ?', [report.runId])
    )[0]!;
    const { axes } = JSON.parse(String(figures)) as { axes: { recency: string; frequency: string } };
    const tags = await tagsOf(job);
    const within = (text: string, found: number): boolean => {
      const whole = Math.floor(found);
      if (text.startsWith('up to ')) return whole <= Number(text.slice(6));
      if (text.endsWith('+')) return whole >= Number(text.slice(0, -1));
      const [from, to = from] = text.split('–').map(Number);
      return text === '1' ? whole <= 1 : whole >= from! && whole <= to!;
    };
    for (const row of rows) {
      const [[, often], ...cells] = Object.entries(row) as [[string, string], ...[string, string][]];
      for (const [recent, customers] of cells) {
        const found = tags.filter(
          ({ scores }) => within(recent, scores[axes.recency]!) && within(often, scores[axes.frequency]!),
        );
        expect({ recent, often, customers: Number(customers) }).toEqual({ recent, often, customers: found.length });
      }
    }
  });

  it('has its checks, guards, removed rows, trends and products from the run store', async () => {
    const { summary } = await runRow(report.runId);
    const stored = summary as unknown as {
      checks: { message: string }[];
      guards: { message: string }[];
      removed: { rule: string; rows_in: number; rows_removed: number }[];
      trends: { grain: string; period: string; invoices: number }[];
    };
    const messages = [...stored.checks, ...stored.guards].map(({ message }) => message);
    const verdicts = report.table('checks-and-guards').map((row) => row['Found']!.replace(/^'/, ''));
    expect(verdicts.toSorted()).toEqual(messages.toSorted());
    expect(report.table('removed-rows').map((row) => [row['Rule'], row['Rows in'], row['Rows removed']])).toEqual(
      stored.removed.map((rule) => [rule.rule, String(rule.rows_in), String(rule.rows_removed)]),
    );
    const months = stored.trends.filter(({ grain }) => grain === 'month');
    if (months.length > 1)
      expect(report.table('by-month').map((row) => [row['Month'], row['Invoices']])).toEqual(
        months.map(({ period, invoices }) => [period, String(invoices)]).toSorted(),
      );
    const products = await database.query(
      `select product_id, "rank" from product_recommendation where job = ? and subject_kind = 'segment' and "rank" <= 5`,
      [job],
    );
    const listed = report.table('products').map((row) => `${row['Rank']} ${row['Product']}`);
    expect(listed.toSorted()).toEqual(products.map((row) => `${row.rank} ${row.product_id}`).toSorted());
  });

  it('weighs less than half a megabyte', () => {
    expect(report.page.length).toBeLessThan(500_000);
  });
});

describe('the report of a later night', () => {
  const asOf = '2026-07-31';
  let report: Report;

  beforeAll(async () => {
    report = reportOf(await run('opportunities', asOf));
  });

  async function namesBySlug(): Promise<Map<unknown, unknown>> {
    const rows = await database.query(
      "select distinct segment, segment_name from segment_tag where job = 'opportunities'",
    );
    return new Map(rows.map(({ segment, segment_name: name }) => [segment, name]));
  }

  it('has every move from the change feed', async () => {
    const names = await namesBySlug();
    const changes = await database.query(
      `select from_segment, to_segment, count(*) as customers from segment_change
       where run_id = ? and kind <> 'update' group by from_segment, to_segment`,
      [report.runId],
    );
    const rows = report.table('moves');
    let others = 0;
    for (const { from_segment: from, to_segment: to, customers } of changes) {
      const row = rows.find((each) => each['From'] === (from === null ? '(entered)' : names.get(from)))!;
      expect(Number(row[to === null ? '(left)' : String(names.get(to))])).toBe(Number(customers));
      others += Number(customers);
    }
    const cells = rows.flatMap(({ From: _, ...counts }) => Object.values(counts));
    const all = cells.reduce((sum, cell) => sum + Number(cell), 0);
    const left = changes
      .filter(({ to_segment: to }) => to === null)
      .reduce((sum, { customers }) => sum + Number(customers), 0);
    const tags = await tagsOf('opportunities');
    expect({ all, moved: others > 0 }).toEqual({ all: tags.length + left, moved: true });
  });

  it('shows this run and the one before in its history', async () => {
    const runs = await database.query(
      "select run_id, as_of, status from segtag_run where job = 'opportunities' order by started_at desc",
    );
    const history = report.table('run-history').map((row) => [row['Run'], row['As of'], row['Status']]);
    expect(history).toEqual(runs.map((row) => [row.run_id, row.as_of, row.status]));
  });

  it('shows how large its segments were on either night, as tags and the change feed have them', async () => {
    const counts = await database.query(
      `select r.as_of, c.to_segment as segment, count(*) as customers from segment_change c
        join segtag_run r on r.run_id = c.run_id
        where c.job = 'opportunities' and r.base_run_id is null group by 1, 2
      union all
      select ?, segment, count(*) from segment_tag where job = 'opportunities' and state = 'active' group by 1, 2`,
      [asOf],
    );
    const names = await namesBySlug();
    for (const row of report.table('segment-sizes'))
      for (const [name, customers] of Object.entries(row).filter(([title]) => title !== 'As of')) {
        const found = counts.find((each) => each.as_of === row['As of'] && names.get(each.segment) === name);
        expect({ name, customers: Number(customers) }).toEqual({ name, customers: Number(found?.customers ?? 0) });
      }
    expect(report.table('segment-sizes')).toHaveLength(2);
  });

  it('names nobody unless it is asked to', async () => {
    const { figures } = (
      await database.query('select figures from segtag_figures where run_id = ?', [report.runId])
    )[0]!;
    const { movers } = JSON.parse(String(figures)) as { movers: { customer_id: string; value: number }[] };
    const values = movers.map(({ value }) => value);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    expect(movers).toHaveLength(20);
    for (const { customer_id: id } of movers) expect(report.page).not.toContain(id);
    const open = join(project.directory, 'open.html');
    await project.segtag(['report', report.runId, '--show-ids', '--out', open]);
    for (const { customer_id: id } of movers) expect(readFileSync(open, 'utf8')).toContain(id);
  });

  it('has the same bytes when another process writes it again, and its tables go to files', async () => {
    const [again, csv] = [join(project.directory, 'again.html'), join(project.directory, 'csv')];
    const written = await project.segtag(['report', report.runId, '--out', again, '--csv', csv]);
    expect(written).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Wrote the report to .*again\.html, and \d+ tables to /),
    });
    expect(readFileSync(again, 'utf8')).toBe(report.page);
    expect(recordsOf(readFileSync(join(csv, 'segments.csv'), 'utf8'))).toEqual(report.table('segments'));
  });
});

describe('a report', () => {
  it('that cannot be written is told, and the night is published all the same', async () => {
    const own = await sqlite.fresh();
    const small = smallProject(own);
    edit(small, 'jobs/small.yaml', 'report: { keep: 0 }', 'report: { keep: 1 }');
    writeFileSync(join(small.directory, 'reports'), 'a file where the folder should be');
    const { exitCode, stdout, stderr } = await small.segtag(['run', 'small']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Wrote 60 tags to .*\.$/m);
    expect(stderr).toContain('the report could not be written, which changes nothing else');
    await own.drop();
  });

  it('is not written where the job keeps none, and can be written later', async () => {
    const own = await sqlite.fresh();
    const small = smallProject(own);
    const { stdout } = await small.segtag(['run', 'small', '--json']);
    const { run, report } = JSON.parse(stdout) as { run: { id: string }; report?: string };
    expect({ report, isThere: existsSync(join(small.directory, 'reports')) }).toEqual({
      report: undefined,
      isThere: false,
    });
    const written = await small.segtag(['report', run.id, '--json']);
    expect(JSON.parse(written.stdout)).toMatchObject({ run: run.id, report: `reports/small/${run.id}.html` });
    expect(existsSync(join(small.directory, 'reports', 'small', `${run.id}.html`))).toBe(true);
    const missing = await small.segtag(['report', 'small-20260101T000000Z-aaaa']);
    expect(missing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no such run') });
    await own.drop();
  });

  it('of a planned run is written anew when somebody has decided about it', async () => {
    const own = await sqlite.fresh();
    const small = smallProject(own);
    edit(small, 'jobs/small.yaml', 'report: { keep: 0 }', 'report: { keep: 2 }');
    const planned = JSON.parse((await small.segtag(['plan', 'small', '--json'])).stdout) as { report: string };
    const page = (): string => readFileSync(join(small.directory, planned.report), 'utf8');
    expect(page()).toMatch(/<dt>Status<\/dt>\s*<dd>planned<\/dd>/);
    expect((await small.segtag(['approve', basename(planned.report, '.html')])).exitCode).toBe(0);
    expect(page()).toMatch(/<dt>Status<\/dt>\s*<dd>published<\/dd>/);
    await own.drop();
  });
});
