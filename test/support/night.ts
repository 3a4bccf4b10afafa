import { expect } from 'vitest';
import type { ResolvedConnection } from '../../src/job/connections-schema.ts';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import type { TestProject } from './project.ts';
import type { Row, StagingDatabase } from './staging-databases.ts';

/** The connection as a connections file may hold it: its password moves to the environment. */
export function inFile({ config }: ResolvedConnection): Record<string, unknown> {
  return { ...config, ...('password' in config ? { password: '${env:SEGTAG_TEST_PASSWORD}' } : {}) };
}

/** The environment that goes with `inFile`. */
export function withPassword({ config }: ResolvedConnection): Record<string, string> {
  return 'password' in config && config.password !== undefined ? { SEGTAG_TEST_PASSWORD: config.password } : {};
}

/** Runs a command that must end with exit code 0 and one JSON object, and returns that. */
export async function runJson(
  project: TestProject,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<RunSummary> {
  const { exitCode, stdout, stderr } = await project.segtag([...args, '--json'], env);
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr + stdout }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(stdout) as RunSummary;
}

/** What the tags say, without run ids and sequence numbers. */
export function tagsIn(database: StagingDatabase): Promise<Row[]> {
  const text = database.connection.config.client === 'mysql' ? 'char' : 'text';
  return database.query(
    `select job, customer_id, segment, segment_name, campaign, previous_segment,
       cast(segment_since as char(10)) as segment_since, cast(scores as ${text}) as scores, state
     from segment_tag order by job, customer_id`,
  );
}

/** All that a consumer may read, to the byte. */
export async function contentsOf(database: StagingDatabase): Promise<Record<string, Row[]>> {
  return {
    tags: await database.query('select * from segment_tag order by job, customer_id'),
    changes: await database.query('select * from segment_change order by change_seq'),
  };
}
