import { kBounds } from '../../analysis/choosing-k/propose-k.ts';
import { lintLabels, lintRow, type LabelFinding } from '../../analysis/labels/lint.ts';
import { lintRules } from '../../analysis/lint/rules.ts';
import { columnWindows } from '../../analysis/labels/windows.ts';
import { atomsOf, type Atom, type RowOperand } from '../../job/expression/expression.ts';
import type { RuleTag } from '../../job/rules/schema.ts';
import { lintTable } from '../../analysis/lint/cells.ts';
import type { RfmSegments } from '../../job/rfm/schema.ts';
import { rfmSettings, scoreCount, type RfmSettings } from '../../job/rfm/settings.ts';
import type { Job } from '../../job/schema.ts';
import type { Path } from '../../job/yaml-text.ts';

/** What can be told of a job before any data is read: names that nobody can get, and rules in each other's way. */
export function lintJob(job: Job): LabelFinding[] {
  return [...lintMethod(job), ...(job.rule_tag ? lintCustomerRules(job, job.rule_tag, ['rule_tag', 'rules']) : [])];
}

function lintMethod(job: Job): LabelFinding[] {
  switch (job.segments.method) {
    case 'kmeans':
    case 'hierarchical':
      return [...lintLabels(job, job.segments.k === 'auto' ? kBounds(job).most : job.segments.k), ...lintChildren(job)];
    case 'rfm':
      return lintRfm(job, job.segments);
    case 'rules':
      return lintCustomerRules(job, job.segments, ['segments', 'rules']);
  }
}

function lintChildren(job: Job): LabelFinding[] {
  return job.labels.flatMap(({ children }, i) => {
    const findings = children ? lintLabels({ ...job, labels: children.labels }, children.k) : [];
    return findings.map((finding) => ({ ...finding, path: ['labels', i, 'children', ...finding.path] }));
  });
}

function lintRfm(job: Job, segments: RfmSegments): LabelFinding[] {
  const settings = rfmSettings(segments);
  const { table, valueAxis, otherwise } = settings;
  const bins = Object.fromEntries(settings.axes.map(({ axis, cut }) => [axis, scoreCount(cut)]));
  const { won, findings } = lintTable(table, { bins, valueAxis });
  const tablePath = ['segments', segments.table ? 'table' : 'preset'];
  const ofRow = (row: number | null): Path => (row === null || !segments.table ? tablePath : [...tablePath, row]);
  const reachable = new Set(table.filter((_, row) => won[row]! > 0).map(({ segment }) => segment));
  return [
    ...lintCuts(job, settings),
    ...findings.map(({ row, message, kind }) =>
      warning(ofRow(row), kind === 'uncovered' && otherwise !== null ? `${message}; they go to ${otherwise}` : message),
    ),
    ...fewerNames(
      table.map(({ segment }) => segment),
      reachable,
      tablePath,
    ),
  ];
}

/** Cut points where the data window has hardly any customers, or none. */
function lintCuts(job: Job, { axes }: RfmSettings): LabelFinding[] {
  const windows = columnWindows(job);
  return axes.flatMap(({ axis, column, cut }) => {
    if (cut.by !== 'values') return [];
    const atoms = cut.cuts.map((value) => cutAtom(column, value));
    return atoms.flatMap((atom) => lintRow(atom, ['segments', axis, 'cuts'], windows)).map(withoutSpan);
  });
}

function cutAtom(column: string, value: number): Atom<RowOperand> {
  const span = { start: 0, end: 0 };
  return { kind: 'compare', operand: { column, span }, comparator: '>', value, width: 0, span };
}

/** A list of numbers is no text in which a part could be pointed at; a score that nobody has is no error. */
function withoutSpan({ span: _, ...finding }: LabelFinding): LabelFinding {
  return { ...finding, severity: 'warn' };
}

/** `path` is where the list stands in the job. */
function lintCustomerRules(job: Job, { rules, otherwise }: RuleTag, path: Path): LabelFinding[] {
  const windows = columnWindows(job);
  const found = lintRules(rules, otherwise, windows);
  const lost = found.filter(({ kind }) => kind === 'shadowed' || kind === 'impossible').map(({ rule }) => rule);
  const reachable = new Set(rules.filter((_, i) => !lost.includes(i)).map(({ segment }) => segment));
  return [
    ...rules.flatMap(({ when }, i) => atomsOf(when).flatMap((atom) => lintRow(atom, [...path, i, 'when'], windows))),
    ...found.map(({ rule, message }) =>
      warning(rule === null ? [...path.slice(0, -1), 'otherwise'] : [...path, rule, 'when'], message),
    ),
    ...fewerNames(
      rules.map(({ segment }) => segment),
      reachable,
      path,
    ),
  ];
}

function fewerNames(segments: readonly string[], reachable: ReadonlySet<string>, path: Path): LabelFinding[] {
  const promised = new Set(segments).size;
  if (reachable.size >= promised) return [];
  return [warning(path, `${reachable.size} of ${promised} segments can be reached`)];
}

function warning(path: Path, message: string): LabelFinding {
  return { severity: 'warn', path, message };
}
