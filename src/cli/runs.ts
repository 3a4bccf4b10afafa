import { requireRun } from '../pipeline/decisions/decision.ts';
import { hideConflictIds, type RestoreSummary } from '../pipeline/decisions/restore-summary.ts';
import { hideCustomers, type RunSummary } from '../pipeline/summary.ts';
import type { Decision } from '../staging/runs/decisions.ts';
import type { RunRecord } from '../staging/runs/run-record.ts';
import { movementText } from './text/movement.ts';
import { openProject } from './project.ts';
import { formatRestore } from './text/restore.ts';
import { formatSummary } from './text/summary.ts';
import { formatTrends } from './text/trends.ts';
import { formatTable } from './text/table.ts';
import type { Terminal } from './terminal.ts';
import { withStore, type StoreOptions } from './with-staging.ts';

/** `segtag runs [job]`: the newest runs, one line each. */
export async function runsCommand(
  terminal: Terminal,
  job: string | undefined,
  options: StoreOptions & { readonly limit: number },
): Promise<number> {
  const { runs, decisions } = await withStore(openProject(options), options.connection, async (staging) => {
    const listed = await staging.listRuns({ limit: options.limit, ...(job ? { job } : {}) });
    return { runs: listed, decisions: await staging.listDecisions(listed.map(({ runId }) => runId)) };
  });
  if (options.json) {
    const withDecisions = runs.map((run) => ({
      ...withoutSummary(run),
      decisions: decisions.filter(({ runId }) => runId === run.runId),
    }));
    terminal.print(JSON.stringify({ schemaVersion: 1, runs: withDecisions }));
    return 0;
  }
  const titles = ['Run', 'Status', 'As of', 'Trigger', 'Entered', 'Moved', 'Left', 'Error'];
  const columns = titles.map((title, i) => ({
    title,
    align: i >= 4 && i <= 6 ? ('right' as const) : ('left' as const),
    isWhole: title === 'Run',
    isSpare: title === 'Trigger' || title === 'As of',
  }));
  terminal.print(runs.length === 0 ? 'No runs yet.' : formatTable(columns, runs.map(runLine), terminal.width));
  return 0;
}

/** `segtag show <run>`: what a run found and did. */
export async function showCommand(
  terminal: Terminal,
  runId: string,
  options: StoreOptions & { readonly showIds?: boolean },
): Promise<number> {
  const { run, decisions } = await withStore(openProject(options), options.connection, async (staging) => ({
    run: await requireRun(staging, runId),
    decisions: await staging.listDecisions([runId]),
  }));
  const shown = shownSummary(run, options.showIds ?? false);
  if (options.json) {
    terminal.print(JSON.stringify({ schemaVersion: 1, ...withoutSummary(run), decisions, summary: shown }));
    return 0;
  }
  terminal.print(`${run.runId}: ${run.status}, as of ${run.asOf}, started ${run.startedAt} (${run.trigger})`);
  if (run.errorCode) terminal.print(`${run.errorCode}: ${run.errorMessage ?? ''}`);
  for (const decision of decisions) terminal.print(decisionLine(decision));
  const format = { width: terminal.width, showIds: options.showIds ?? false };
  if (!shown) return 0;
  if (isRestore(shown)) {
    terminal.print(`\n${formatRestore(shown, format)}`);
    return 0;
  }
  const parts = [formatSummary(shown, format), movementText(shown, terminal.width), formatTrends(shown.trends)];
  for (const part of parts) if (part !== '') terminal.print(`\n${part}`);
  return 0;
}

/** The summary with the status that the run has now: a plan may have been approved since. */
function shownSummary({ summary, status }: RunRecord, showIds: boolean): RunSummary | RestoreSummary | null {
  const computed = summary as RunSummary | RestoreSummary | null;
  if (!computed) return null;
  if (isRestore(computed)) {
    const current = { ...computed, run: { ...computed.run, status } };
    return showIds ? current : hideConflictIds(current);
  }
  const current = { ...computed, run: { ...computed.run, status } };
  return showIds ? current : hideCustomers(current);
}

function isRestore(summary: RunSummary | RestoreSummary): summary is RestoreSummary {
  return 'restores' in summary.run;
}

function decisionLine({ action, decidedBy, decidedAt, reason }: Decision): string {
  return `${action} by ${decidedBy} at ${decidedAt}${reason === null ? '' : `: ${reason}`}`;
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
