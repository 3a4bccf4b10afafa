import { totalmem } from 'node:os';
import type { Model } from '../analysis/model.ts';
import { formatDay } from '../frame/day.ts';
import { loadJob } from '../job/load-job.ts';
import { explainCompute, type ComputeAdvice, type ModeCost } from '../pipeline/inquiries/explain-compute.ts';
import { chooseAsOf } from './as-of.ts';
import { interruptible } from './interruption.ts';
import { formatCount } from './text/numbers.ts';
import { openProject } from './project.ts';
import { readContext } from './read-context.ts';
import type { RunOptions } from './run.ts';
import { withParams } from './set-params.ts';
import { formatTable } from './text/table.ts';
import type { Terminal } from './terminal.ts';
import { withStore } from './with-staging.ts';

/** `segtag plan --explain-compute`: what a night would cost in memory and in the warehouse. Computes nothing. */
export async function explainComputeCommand(terminal: Terminal, jobName: string, options: RunOptions): Promise<number> {
  const project = openProject(options);
  const loaded = withParams(loadJob(project.directory, jobName), options.set);
  const { job } = loaded;
  const asOf = chooseAsOf(project, loaded, options.asOf, new Date());
  if (options.logFormat === 'human') terminal.say(`plan ${jobName} · as of ${formatDay(asOf)} · nothing is computed`);
  const base = await withStore(project, job.publish.connection, (staging) => staging.publishedBase(job.job));
  const reading = readContext(project, loaded, asOf);
  const advice = await interruptible((signal) =>
    explainCompute(
      { ...reading, signal },
      { published: (base?.model as Model | null) ?? undefined, availableBytes: totalmem() },
    ),
  );
  terminal.print(options.json ? JSON.stringify(advice) : adviceText(advice, terminal.width));
  return 0;
}

const costColumns = [
  { title: '', align: 'left' },
  { title: 'Queries', align: 'right' },
  { title: 'Rows back', align: 'right' },
  { title: 'Over the wire', align: 'right' },
  { title: 'Memory here', align: 'right' },
] as const;

const queryColumns = [
  { title: 'In the warehouse', align: 'left' },
  { title: 'Times', align: 'right' },
  { title: 'Rows back', align: 'right' },
  { title: 'Bytes', align: 'right' },
] as const;

function adviceText(advice: ComputeAdvice, width: number | undefined): string {
  const { job, customers, columns, memory, warehouse, obstacle, queries, advised, why, compute } = advice;
  const costs = [costRow('memory', memory), ...(warehouse ? [costRow('warehouse', warehouse)] : [])];
  const listed = queries.map(({ purpose, times, rows, bytes }) => [
    purpose,
    times === 'step' ? 'each step' : String(times),
    formatCount(rows),
    formatBytes(bytes),
  ]);
  return [
    `${job}: ${formatCount(customers)} customers of ${columns} columns. The job says compute: ${compute}.`,
    formatTable(costColumns, costs, width),
    ...(obstacle === null ? [formatTable(queryColumns, listed, width)] : [`  Not in the warehouse: ${obstacle}.`]),
    `Advised: compute: ${advised}. ${why}`,
    'Bytes are estimates. The statements are in --json.',
  ].join('\n\n');
}

function costRow(name: string, { queries, rows, wire_bytes: wire, memory_bytes: memory }: ModeCost): string[] {
  return [name, formatCount(queries), formatCount(rows), formatBytes(wire), formatBytes(memory)];
}

/** `480 B`, `31 kB`, `1.2 GB`. */
function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value.toLocaleString('en-US', { maximumFractionDigits: value < 10 && power > 0 ? 1 : 0 })} ${units[power]}`;
}
