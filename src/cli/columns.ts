import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatDay } from '../frame/day.ts';
import { contractText, withContract, type Contract } from '../job/contract-text.ts';
import { loadJob, type LoadedJob } from '../job/load-job.ts';
import { describeColumns, type ColumnsSummary } from '../pipeline/inquiries/describe-columns.ts';
import { chooseAsOf } from './as-of.ts';
import { interruptible } from './interruption.ts';
import { openProject, type GlobalOptions } from './project.ts';
import { readContext } from './read-context.ts';
import { withParams } from './set-params.ts';
import type { Terminal } from './terminal.ts';
import { formatCount, formatValue } from './text/numbers.ts';
import { formatTable } from './text/table.ts';
import { writeWhole } from './write-whole.ts';

export type ColumnsOptions = GlobalOptions & {
  readonly asOf?: string;
  readonly set: readonly string[];
  readonly write?: boolean;
};

/** `segtag columns <job>`: what customers.sql returns, and how a job file would say so. Returns the exit code. */
export async function columnsCommand(terminal: Terminal, jobName: string, options: ColumnsOptions): Promise<number> {
  const project = openProject(options);
  const loaded = withParams(loadJob(project.directory, jobName), options.set);
  const asOf = chooseAsOf(project, loaded, options.asOf, new Date());
  if (options.logFormat === 'human') terminal.say(`columns ${jobName} · as of ${formatDay(asOf)}`);
  const reading = readContext(project, loaded, asOf);
  const summary = await interruptible((signal) => describeColumns({ ...reading, signal }));
  const contract = Object.fromEntries(summary.columns.map(({ name, type }) => [name, type]));
  const written = options.write === true && (await writeContract(project.directory, loaded, contract));
  if (options.json) terminal.print(JSON.stringify({ ...summary, written }));
  else terminal.print(columnsText(summary, contract, { written, width: terminal.width }));
  return 0;
}

const titles = [
  { title: 'Column', align: 'left', isWhole: true },
  { title: 'Type', align: 'left' },
  { title: 'Missing', align: 'right' },
  { title: 'Different', align: 'right' },
  { title: 'Smallest', align: 'right' },
  { title: 'Median', align: 'right' },
  { title: 'Largest', align: 'right' },
  { title: 'Used by', align: 'left', isSpare: true },
] as const;

/** Brings the job file up to the contract; false where it says so already. */
async function writeContract(projectDir: string, { file, text }: LoadedJob, contract: Contract): Promise<boolean> {
  const now = withContract({ file, text }, contract);
  if (now === text) return false;
  await writeWhole(join(projectDir, file), (draft) => writeFileSync(draft, now));
  return true;
}

function columnsText(
  { job, rows, columns }: ColumnsSummary,
  contract: Contract,
  { written, width }: { readonly written: boolean; readonly width: number | undefined },
): string {
  const lines = columns.map(
    ({ name, type, contract: expected, missing, different, smallest, median, largest, used_by: keys }) => [
      name,
      expected === null || expected === type ? type : `${type}, not ${expected}`,
      formatCount(missing),
      different === null ? '' : formatCount(different),
      ...[smallest, median, largest].map((bound) => (typeof bound === 'number' ? formatValue(bound) : (bound ?? ''))),
      keys.join(', '),
    ],
  );
  return [
    formatTable(titles, lines, width),
    `As the contract of jobs/${job}.yaml, under source:\n  columns: ${contractText(contract)}`,
    `Looked at ${formatCount(rows)} rows. ${written ? `Wrote the contract to jobs/${job}.yaml.` : 'Nothing was written.'}`,
  ].join('\n\n');
}
