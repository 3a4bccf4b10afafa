import { lintLabels, type LabelFinding } from '../analysis/labels/lint.ts';
import { lintTable } from '../analysis/lint/cells.ts';
import type { RfmSegments } from '../job/rfm/schema.ts';
import { rfmSettings, scoreCount } from '../job/rfm/settings.ts';
import type { Job } from '../job/schema.ts';
import type { Path } from '../job/yaml-text.ts';

/** What can be told of a job before any data is read: names that nobody can get, and rules in each other's way. */
export function lintJob(job: Job): LabelFinding[] {
  switch (job.segments.method) {
    case 'kmeans':
      return lintLabels(job, job.segments.k);
    case 'rfm':
      return lintRfm(job.segments);
  }
}

function lintRfm(segments: RfmSegments): LabelFinding[] {
  const severity = 'warn';
  const settings = rfmSettings(segments);
  const { table, valueAxis, otherwise } = settings;
  const bins = Object.fromEntries(settings.axes.map(({ axis, cut }) => [axis, scoreCount(cut)]));
  const { won, findings } = lintTable(table, { bins, valueAxis });
  const tablePath = ['segments', segments.table ? 'table' : 'preset'];
  const ofRow = (row: number | null): Path => (row === null || !segments.table ? tablePath : [...tablePath, row]);
  const warnings: LabelFinding[] = findings.map(({ row, message, kind }) => ({
    severity,
    path: ofRow(row),
    message: kind === 'uncovered' && otherwise !== null ? `${message}; they go to ${otherwise}` : message,
  }));
  const reachable = new Set(table.filter((_, row) => won[row]! > 0).map(({ segment }) => segment));
  const promised = new Set(table.map(({ segment }) => segment));
  if (reachable.size < promised.size)
    warnings.push({
      severity,
      path: tablePath,
      message: `${reachable.size} of ${promised.size} segments can be reached`,
    });
  return warnings;
}
