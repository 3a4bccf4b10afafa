import { formatDay } from '../frame/day.ts';
import { loadJob } from '../job/load-job.ts';
import type { KRange } from '../pipeline/methods/clustering/settle-k.ts';
import { tuneJob, type TuneSummary } from '../pipeline/inquiries/tune.ts';
import { chooseAsOf } from './as-of.ts';
import { interruptible } from './interruption.ts';
import { formatCount, formatShare, formatValue } from './text/numbers.ts';
import { openProject, type GlobalOptions } from './project.ts';
import { withParams } from './set-params.ts';
import { readContext } from './read-context.ts';
import { formatTable } from './text/table.ts';
import type { Terminal } from './terminal.ts';

type TuneOptions = GlobalOptions & {
  readonly k: KRange;
  readonly asOf?: string;
  readonly set: readonly string[];
  readonly threads?: number;
};

/** `segtag tune`: figures for each number of clusters, and a proposal. Returns the exit code. */
export async function tuneCommand(terminal: Terminal, jobName: string, options: TuneOptions): Promise<number> {
  const project = openProject(options);
  const loaded = withParams(loadJob(project.directory, jobName), options.set);
  const asOf = chooseAsOf(project, loaded, options.asOf, new Date());
  if (options.logFormat === 'human') terminal.say(`tune ${jobName} · as of ${formatDay(asOf)}`);
  const reading = readContext(project, loaded, asOf);
  const summary = await interruptible((signal) =>
    tuneJob({ ...reading, signal, ...(options.threads === undefined ? {} : { threads: options.threads }) }, options.k),
  );
  terminal.print(options.json ? JSON.stringify(summary) : tuneText(summary, terminal.width));
  return 0;
}

const columns = [
  { title: 'k', align: 'right' },
  { title: 'Inertia', align: 'right' },
  { title: 'Silhouette²', align: 'right' },
  { title: 'Silhouette', align: 'right' },
  { title: 'Calinski-H.', align: 'right' },
  { title: 'Davies-B.', align: 'right' },
  { title: 'Gap', align: 'right' },
  { title: 'Stability', align: 'right' },
  { title: 'Smallest', align: 'right' },
  { title: 'Best by', align: 'left' },
] as const;

function tuneText(summary: TuneSummary, width: number | undefined): string {
  const rows = summary.figures.map((at) => [
    `${at.k === summary.proposed ? '→ ' : ''}${at.k}`,
    at.inertia === null ? '–' : formatValue(at.inertia),
    digits(at.silhouette_sq),
    digits(at.silhouette),
    at.calinski_harabasz === null ? '–' : formatValue(at.calinski_harabasz),
    digits(at.davies_bouldin),
    digits(at.gap),
    digits(at.stability),
    at.smallest_share === null ? '–' : formatShare(at.smallest_share),
    votersOf(summary, at.k).join(', '),
  ]);
  const warnings = summary.warnings.map((warning) => `  warning: ${warning}`);
  return [
    formatTable(columns, rows, width),
    '',
    `  ${summary.verdict}`,
    ...warnings,
    '',
    `Weighed ${weighedText(summary)} customers. Nothing was written.`,
  ].join('\n');
}

function weighedText({ weighed, customers }: TuneSummary): string {
  return weighed === customers ? formatCount(customers) : `${formatCount(weighed)} of ${formatCount(customers)}`;
}

function digits(value: number | null): string {
  return value?.toFixed(3) ?? '–';
}

function votersOf({ votes }: TuneSummary, k: number): string[] {
  return Object.entries(votes)
    .filter(([, vote]) => vote === k)
    .map(([criterion]) => criterion.replace('_', '-'));
}
