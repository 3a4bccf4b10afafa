import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inFile, runJson, tagsIn } from '../support/night.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { edit } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;

const [kmeansJob, wardJob] = ['method: kmeans, k: 2, seed: 1, restarts: 5', 'method: hierarchical, k: 2'];

type Person = readonly [id: string, income: number, education: string, family: string];

/** Forty people: half poor, little schooled and mostly single, half the contrary. */
const forty: readonly Person[] = Array.from({ length: 40 }, (_, i) => {
  const rich = i % 2 === 1;
  const education = rich ? (i % 3 === 0 ? 'doctor' : 'master') : i % 3 === 0 ? 'basic' : 'graduate';
  const family = i % 10 < 7 === rich ? 'couple' : "o'single";
  return [`P${String(i).padStart(2, '0')}`, (rich ? 80_000 : 20_000) + 137 * i, education, family] as const;
});

function peopleProject(database: StagingDatabase, people: readonly Person[]): TestProject {
  const warehouse = { client: 'duckdb', views: { person: 'person.csv' } };
  const connections = { warehouse, crm: inFile(database.connection) };
  const project = makeProject('test/projects/people', { test: { as_of: '2026-06-30', connections } });
  write(project, people);
  return project;
}

function write({ directory }: TestProject, people: readonly Person[]): void {
  const lines = people.map((person) => person.join(','));
  writeFileSync(join(directory, 'person.csv'), `id,income,education,family\n${lines.join('\n')}\n`);
}

function shareOfCouples(rich: boolean): number {
  const half = forty.filter(([, income]) => income > 50_000 === rich);
  return half.filter(([, , , family]) => family === 'couple').length / half.length;
}

/** Twelve people whose best division no single feature gives. */
const twelve: readonly Person[] = [
  ['A', 21_000, 'basic', 'couple'],
  ['B', 25_000, 'master', 'single'],
  ['C', 33_000, 'graduate', 'single'],
  ['D', 38_000, 'basic', 'widowed'],
  ['E', 44_000, 'doctor', 'single'],
  ['F', 47_000, 'basic', 'couple'],
  ['G', 52_000, 'master', 'couple'],
  ['H', 58_000, 'graduate', 'couple'],
  ['I', 61_000, 'doctor', 'widowed'],
  ['J', 69_000, 'graduate', 'single'],
  ['K', 83_000, 'master', 'couple'],
  ['L', 91_000, 'doctor', 'couple'],
];

/** Squared distances as the documents state them: z-scores of income and of the rank, and 1 for another family. */
function squares(people: readonly Person[]): number[][] {
  const standard = (values: readonly number[]): number[] => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return values.map((value) => (value - mean) / Math.sqrt(variance));
  };
  const income = standard(people.map((person) => person[1]));
  const rank = standard(people.map((person) => ['basic', 'graduate', 'master', 'doctor'].indexOf(person[2])));
  const square = (a: number, b: number): number =>
    (income[a]! - income[b]!) ** 2 + (rank[a]! - rank[b]!) ** 2 + (people[a]![3] === people[b]![3] ? 0 : 1);
  return people.map((_, a) => people.map((__, b) => square(a, b)));
}

/** The sum of squares within a group: that of its pairs over its size. */
function within(group: readonly number[], distance: readonly (readonly number[])[]): number {
  const pairs = group.flatMap((a, i) => group.slice(i + 1).map((b) => distance[a]![b]!));
  return pairs.reduce((sum, square) => sum + square, 0) / group.length;
}

/** Of all divisions in two the one with the least sum of squares. */
function bestDivision(distance: readonly (readonly number[])[]): number[][] {
  const rows = [...distance.keys()];
  const divisions = Array.from({ length: 2 ** (rows.length - 1) - 1 }, (_, i) => {
    const first = rows.filter((row) => ((i + 1) >> row) % 2 === 1);
    return [first, rows.filter((row) => !first.includes(row))];
  });
  const cost = (parts: readonly number[][]): number => parts.reduce((sum, part) => sum + within(part, distance), 0);
  return divisions.reduce((best, each) => (cost(each) < cost(best) ? each : best));
}

/** Ward's method by its definition: join the two groups whose union adds least, until two are left. */
function wardDivision(distance: readonly (readonly number[])[]): number[][] {
  let groups = [...distance.keys()].map((row) => [row]);
  while (groups.length > 2) {
    const added = (a: number[], b: number[]): number =>
      within([...a, ...b], distance) - within(a, distance) - within(b, distance);
    const pairs = groups.flatMap((a, i) => groups.slice(i + 1).map((b) => [a, b] as const));
    const [a, b] = pairs.reduce((best, pair) => (added(...pair) < added(...best) ? pair : best));
    groups = [...groups.filter((group) => group !== a && group !== b), [...a, ...b]];
  }
  return groups;
}

describe.each([
  ['kmeans', bestDivision],
  ['hierarchical', wardDivision],
] as const)('features of texts, by %s', (method, divide) => {
  it('divide people as a search of all divisions, or of all pairs, does', async () => {
    const database = await sqlite.fresh();
    const project = peopleProject(database, twelve);
    if (method === 'hierarchical') edit(project, 'jobs/people.yaml', kmeansJob, wardJob);
    await runJson(project, ['run', 'people']);
    const tags = await tagsIn(database);
    const segmentOf = (row: number): unknown => tags.find((tag) => tag['customer_id'] === twelve[row]![0])!['segment'];
    const parts = divide(squares(twelve));
    expect(parts.map((part) => new Set(part.map(segmentOf)).size)).toEqual([1, 1]);
    expect(segmentOf(parts[0]![0]!)).not.toBe(segmentOf(parts[1]![0]!));
    await database.drop();
  });

  it('are clustered with numbers, and stay as they are on later nights', async () => {
    const database = await sqlite.fresh();
    const project = peopleProject(database, forty);
    if (method === 'hierarchical') edit(project, 'jobs/people.yaml', kmeansJob, wardJob);
    const first = await runJson(project, ['run', 'people']);
    expect(first.run.status).toBe('published');
    expect(first.segments.map(({ segment, customers }) => [segment, customers])).toEqual([
      ['learned', 20],
      ['plain', 20],
    ]);
    const couples = first.segments.map(({ shares }) => shares['family']?.['couple']);
    expect(couples).toEqual([true, false].map((rich) => shareOfCouples(rich)));
    expect((await runJson(project, ['run', 'people'])).run.status).toBe('no_change');

    write(project, [...forty, ['NEW', 90_000, 'doctor', 'commune']]);
    const later = await runJson(project, ['run', 'people', '--as-of', '2026-07-01']);
    expect(later.notes).toContain(
      '1 customer has another family than its categories: half a mismatch with each of them.',
    );
    const newcomer = (await tagsIn(database)).find(({ customer_id: id }) => id === 'NEW');
    expect(newcomer).toMatchObject({ segment: 'learned' });
    await database.drop();
  });
});

describe('features of texts', () => {
  it('without a number stop the night: a text that the order does not list, and a null', async () => {
    const database = await sqlite.fresh();
    const project = peopleProject(database, [
      ...forty,
      ['ODD', 50_000, 'autodidact', 'couple'],
      ['VOID', 50_000, '', 'couple'],
    ]);
    const { exitCode, stderr } = await project.segtag(['run', 'people']);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/E_FEATURE_NOT_FINITE.*jobs\/people\.yaml:9/s);
    expect(stderr).toContain(
      'education is missing, or a text that has no place in its order, for 2 customers, such as ODD, VOID.',
    );
    expect(stderr).not.toContain('autodidact');
    await database.drop();
  });

  it('tell of a customer what is next, from the texts that are published', async () => {
    const database = await sqlite.fresh();
    const project = peopleProject(database, forty);
    await runJson(project, ['run', 'people']);
    const { stdout } = await project.segtag(['customer', 'people', 'P00', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ why: { segment: 'plain', alternative: { segment: 'learned' } } });
    await database.drop();
  });
});
