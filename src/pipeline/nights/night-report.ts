import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { SegtagError } from '../../errors.ts';
import type { LoadedJob } from '../../job/load-job.ts';
import type { Mover, Night, NightFigures } from '../../report/night.ts';
import type { RunPatch, RunRecord } from '../../staging/runs/run-record.ts';
import type { Staging } from '../../staging/staging.ts';
import type { RunContext } from '../context.ts';
import { requireRun } from '../decisions/decision.ts';
import type { ReportAhead } from './report-ahead.ts';
import { hideCustomers, type RunSummary } from '../summary.ts';
import type { Teller } from '../telling/teller.ts';

type ShowIds = { readonly showIds: boolean };

/** Throws E_NOT_FOUND for a run that computed nothing; see `nightOf`. */
export async function readNight(staging: Staging, runId: string, options: ShowIds): Promise<Night> {
  const run = await requireRun(staging, runId);
  const night = await nightOf(staging, run, options);
  if (night) return night;
  throw new SegtagError('E_NOT_FOUND', {
    where: runId,
    what: 'This run has nothing to report: it failed, brought an earlier night back, or has been pruned.',
    remedy: `See \`segtag runs ${run.job}\` for another one, and \`segtag show ${runId}\` for what became of it.`,
  });
}

/**
 * The night that a run computed as its report shows it, from what the run store keeps; customers' ids only where the
 * job or `showIds` says so. Null where the run computed none.
 */
export async function nightOf(staging: Staging, run: RunRecord, { showIds }: ShowIds): Promise<Night | null> {
  const { runId, job, asOf, status, startedAt, finishedAt, summary } = run;
  if (!isNight(summary)) return null;
  const figures = (await staging.readFigures(runId)) as NightFigures | null;
  const parts = { runId, job, asOf, status, startedAt, finishedAt, summary: hideCustomers(summary) };
  if (figures === null) return { ...parts, figures };
  const isShown = showIds || figures.ids === 'shown';
  return { ...parts, figures: isShown ? figures : { ...figures, movers: figures.movers.map(quietMover) } };
}

/** What a run found, where that is what the CRM had after it; null for one that was not published or computed nothing. */
export function summaryInCrm({ status, summary }: RunRecord): RunSummary | null {
  return (status === 'published' || status === 'no_change') && isNight(summary) ? summary : null;
}

function isNight(summary: unknown): summary is RunSummary {
  return summary !== null && typeof summary === 'object' && 'segments' in summary;
}

/** Begins to draw the report of a night that ends as `ended` says once its changes are written, where one is wanted. */
export async function drawAhead(
  { reportAhead, reportFolder, loaded, runId }: RunContext,
  staging: Staging,
  changes: number,
  ended: RunPatch,
): Promise<void> {
  if (reportFolder === undefined || loaded.job.report.keep === 0) return;
  const foreseen = async (): Promise<Night | null> =>
    nightOf(staging, { ...(await requireRun(staging, runId)), ...ended }, { showIds: false });
  await reportAhead?.begin(changes, foreseen);
}

/**
 * Writes the report of a night that has just ended and returns its path in the project; undefined where none is
 * wanted. A report that can't be written is told and fails nothing.
 */
export async function reportNight(
  { reportFolder, reportAhead, projectDir, loaded, runId, progress, log }: RunContext,
  staging: Staging,
): Promise<string | undefined> {
  const { keep } = loaded.job.report;
  if (reportFolder === undefined || keep === 0) return undefined;
  try {
    const path = reportFile(reportFolder, loaded, runId);
    await writeReport(path, staging, runId, reportAhead);
    const { keepNewest } = await import('../../report/write.ts');
    keepNewest(dirname(path), keep);
    return relative(projectDir, path);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    progress.waiting(`the report could not be written, which changes nothing else: ${cause}`);
    log.warn('the report could not be written', { cause });
    return undefined;
  }
}

/** Writes the report of a run anew where there is one, because somebody has decided about the run; a failure is told. */
export async function renewReport(
  { reportFolder, loaded, log, note }: Teller,
  staging: Staging,
  runId: string,
): Promise<void> {
  if (reportFolder === undefined) return;
  const path = reportFile(reportFolder, loaded, runId);
  if (!existsSync(path)) return;
  try {
    await writeReport(path, staging, runId);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    note?.(`the report still shows the run as it was before: ${cause}`);
    log.warn('the report could not be written anew', { cause });
  }
}

function reportFile(folder: string, { job }: LoadedJob, runId: string): string {
  return join(folder, job.job, `${runId}.html`);
}

async function writeReport(path: string, staging: Staging, runId: string, ahead?: ReportAhead): Promise<void> {
  const night = await readNight(staging, runId, { showIds: false });
  const text = (await ahead?.textOf(night)) ?? (await drawHere(night));
  const { writeReportFile } = await import('../../report/write.ts');
  writeReportFile(path, text);
}

/** The charts are loaded here, because they take longer to load than all else. */
async function drawHere(night: Night): Promise<string> {
  const { renderReport } = await import('../../report/render.ts');
  return renderReport(night);
}

/** A mover as one may be shown where customers may not. */
function quietMover({ from, to, reason }: Mover): Mover {
  return { from, to, reason };
}
