import { SegtagError } from '../errors.ts';
import { hideCustomers, type RunSummary } from '../pipeline/summary.ts';
import type { RunRecord } from '../staging/run-record.ts';
import { openProject } from './project.ts';
import { formatSummary } from './summary-text.ts';
import { formatTrends } from './trends-text.ts';
import { formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { withStore, type StoreOptions } from './with-staging.ts';

/** `segtag runs [job]`: the newest runs, one line each. */
export async function runsCommand(
  terminal: Terminal,
  job: string | undefined,
  options: StoreOptions & { readonly limit: number },
): Promise<number> {
  const runs = await withStore(openProject(options), options.connection, (staging) =>
    staging.listRuns({ limit: options.limit, ...(job ? { job } : {}) }),
  );
  if (options.json) {
    terminal.print(JSON.stringify({ schemaVersion: 1, runs: runs.map(withoutSummary) }));
    return 0;
  }
  const titles = ['Run', 'Status', 'As of', 'Trigger', 'Entered', 'Moved', 'Left', 'Error'];
  const columns = titles.map((title, i) => ({ title, align: i >= 4 && i <= 6 ? 'right' : 'left' }) as const);
  terminal.print(runs.length === 0 ? 'No runs yet.' : formatTable(columns, runs.map(runLine), terminal.width));
  return 0;
}

/** `segtag show <run>`: what a run found and did. */
export async function showCommand(
  terminal: Terminal,
  runId: string,
  options: StoreOptions & { readonly showIds?: boolean },
): Promise<number> {
  const run = await withStore(openProject(options), options.connection, (staging) => staging.findRun(runId));
  if (!run) {
    throw new SegtagError('E_NOT_FOUND', {
      where: runId,
      what: 'There is no such run.',
      remedy: 'See `segtag runs` for the ids.',
    });
  }
  const summary = currentSummary(run);
  const shown = summary && !options.showIds ? hideCustomers(summary) : summary;
  if (options.json) {
    terminal.print(JSON.stringify({ schemaVersion: 1, ...withoutSummary(run), summary: shown }));
    return 0;
  }
  terminal.print(`${run.runId}: ${run.status}, as of ${run.asOf}, started ${run.startedAt} (${run.trigger})`);
  if (run.errorCode) terminal.print(`${run.errorCode}: ${run.errorMessage ?? ''}`);
  if (shown) {
    terminal.print(`\n${formatSummary(shown, { width: terminal.width, showIds: options.showIds ?? false })}`);
    if (shown.trends.length > 0) terminal.print(`\n${formatTrends(shown.trends)}`);
  }
  return 0;
}

/** The summary with the status that the run has now: a plan may have been approved since. */
function currentSummary({ summary, status }: RunRecord): RunSummary | null {
  const computed = summary as RunSummary | null;
  return computed && { ...computed, run: { ...computed.run, status } };
}

function runLine(run: RunRecord): string[] {
  const count = (key: string): string => (run.counts[key] ?? '').toLocaleString('en-US');
  return [
    run.runId,
    run.status,
    run.asOf,
    run.trigger,
    count('entered'),
    count('moved'),
    count('left'),
    run.errorCode ?? '',
  ];
}

function withoutSummary(run: RunRecord): Record<string, unknown> {
  const { summary: _, ...rest } = run;
  return rest;
}
