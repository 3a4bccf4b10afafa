import { didYouMean } from './did-you-mean.ts';
import { isRecord, valueAt } from './plain-value.ts';
import { presetNamesOutliers } from './rfm/rules.ts';
import type { Report } from './yaml-text.ts';

/** Labels must be able to name every customer: each cluster, and the customers kept out of the fit. */
export function labelRules(job: unknown, report: Report, reportKey: Report): void {
  const labels = valueAt(job, ['labels']) ?? [];
  if (!Array.isArray(labels)) return;
  const ofClusters = !['rfm', 'rules'].includes(String(valueAt(job, ['segments', 'method'])));
  const complete = labels.every(isRecord);
  const slugs = new Map<string, number>();
  for (const [i, label] of labels.entries()) {
    if (!isRecord(label)) continue;
    if (ofClusters) {
      ruleOrPrototype(label, i, report);
      prototypeAxes(job, label, i, reportKey);
      guardRule(labels, label, i, report);
    } else if (label['prototype'] !== undefined)
      reportKey(['labels', i, 'prototype'], 'a prototype describes a cluster, and this method makes none', 'remove it');
    if (typeof label['segment'] !== 'string') continue;
    const first = slugs.get(label['segment']);
    if (first === undefined) slugs.set(label['segment'], i);
    else
      report(['labels', i, 'segment'], `labels[${first}] publishes "${label['segment']}" already`, 'use another slug');
  }
  if (!complete) return;
  outlierLabels(job, labels, report, reportKey);
  if (ofClusters) clusterLabels(job, labels, report, reportKey);
}

type LabelRecord = Readonly<Record<string, unknown>>;

function ruleOrPrototype(label: LabelRecord, i: number, report: Report): void {
  const [hasPrototype, hasWhen] = [label['prototype'] !== undefined, label['when'] !== undefined];
  if (hasPrototype && label['when'] === 'outlier')
    report(['labels', i, 'when'], 'outliers are not a cluster, so this label has no prototype', 'remove one');
  if (!hasPrototype && !hasWhen) {
    const suggestion = 'write where the cluster lies, such as prototype: { value: 95 }, or a condition as when';
    report(['labels', i], 'neither prototype nor when says which customers this names', suggestion);
  }
  if (isRecord(label['prototype']) && Object.keys(label['prototype']).length === 0)
    report(['labels', i, 'prototype'], 'an empty prototype describes no cluster', 'name at least one feature');
}

function guardRule(labels: readonly unknown[], label: LabelRecord, i: number, report: Report): void {
  const other = label['guard_else'];
  if (label['guard'] === undefined && other === undefined) return;
  if (label['when'] === 'outlier')
    report(['labels', i, 'guard'], 'outliers are not guarded: whoever is one gets this label', 'remove it');
  else if (label['guard'] === undefined)
    report(['labels', i, 'guard_else'], 'nobody fails a guard that is not written', 'add guard, or remove it');
  else if (other === undefined)
    report(['labels', i, 'guard'], 'what becomes of customers that fail it?', 'name their segment as guard_else');
  else if (typeof other === 'string' && other === label['segment'])
    report(['labels', i, 'guard_else'], 'customers that fail the guard would stay', 'name another segment');
  else if (typeof other === 'string' && !labels.some((each) => valueAt(each, ['segment']) === other))
    report(['labels', i, 'guard_else'], `no label publishes "${other}"`, `one of ${slugsOf(labels).join(', ')}`);
}

function slugsOf(labels: readonly unknown[]): string[] {
  return labels.map((each) => valueAt(each, ['segment'])).filter((slug) => typeof slug === 'string');
}

function prototypeAxes(job: unknown, label: LabelRecord, i: number, reportKey: Report): void {
  const features = valueAt(job, ['features']);
  if (!isRecord(features) || !isRecord(label['prototype'])) return;
  const names = Object.keys(features);
  for (const axis of Object.keys(label['prototype'])) {
    if (names.includes(axis)) continue;
    const near = didYouMean(axis, names);
    const suggestion = near === undefined ? `one of ${names.join(', ')}` : `did you mean "${near}"?`;
    reportKey(['labels', i, 'prototype', axis], `"${axis}" is not a feature`, suggestion);
  }
}

function outlierLabels(job: unknown, labels: readonly LabelRecord[], report: Report, reportKey: Report): void {
  const outliers = valueAt(job, ['outliers']);
  const action = valueAt(outliers, ['action']) ?? 'tag';
  const positions = [...labels.keys()].filter((i) => labels[i]?.['when'] === 'outlier');
  if (isRecord(outliers) && action === 'tag' && positions.length === 0 && !presetNamesOutliers(job))
    reportKey(
      ['outliers'],
      'outliers are tagged, but no label names them',
      'add a label with when: outlier, or write action: clip or drop',
    );
  for (const [nth, i] of positions.entries()) {
    if (!isRecord(outliers))
      report(['labels', i, 'when'], 'this job has no outliers', 'add outliers, or remove the label');
    else if (action !== 'tag')
      report(
        ['labels', i, 'when'],
        'outliers are not tagged, so this label never applies',
        'write outliers.action: tag',
      );
    else if (nth > 0) report(['labels', i, 'when'], 'another label names the outliers already', 'keep one');
  }
}

function clusterLabels(job: unknown, labels: readonly LabelRecord[], report: Report, reportKey: Report): void {
  const written = valueAt(job, ['segments', 'k']);
  const k = written ?? 4;
  if (!Number.isInteger(k) || typeof k !== 'number' || !isRecord(valueAt(job, ['segments']))) return;
  const ofClusters = labels.filter((label) => label['when'] !== 'outlier');
  const mandatory = ofClusters.filter((label) => label['mandatory'] === true);
  const reportK: Report = written === undefined ? reportKey : report;
  const path = written === undefined ? ['segments'] : ['segments', 'k'];
  if (mandatory.length > k)
    reportK(
      path,
      `${mandatory.length} labels are mandatory, but k = ${k} clusters cannot carry them all`,
      `write k: ${mandatory.length}, or make fewer mandatory`,
    );
  const eachOnce = (valueAt(job, ['labelling', 'cardinality']) ?? 'one_to_one') === 'one_to_one';
  if (eachOnce && ofClusters.length < k)
    reportKey(
      ['labels'],
      `${ofClusters.length} labels name a cluster, but k = ${k} clusters each need a name`,
      `add ${k - ofClusters.length}, or lower segments.k`,
    );
}
