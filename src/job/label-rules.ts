import { didYouMean } from './did-you-mean.ts';
import { isRecord, valueAt } from './plain-value.ts';
import { presetNamesOutliers } from './rfm/rules.ts';
import { pathText, type Path, type Report } from './yaml-text.ts';

/** The labels of all customers, or those that divide the customers of one label. */
type Level = {
  readonly path: Path;
  readonly labels: readonly unknown[];
  /** Where the features and the number of the clusters stand that these labels name. */
  readonly features: Path;
  readonly clusters: Path;
};

/** Labels must be able to name every customer: each cluster, and the customers kept out of the fit. */
export function labelRules(job: unknown, report: Report, reportKey: Report): void {
  const labels = valueAt(job, ['labels']) ?? [];
  if (!Array.isArray(labels)) return;
  const ofClusters = !['rfm', 'rules'].includes(String(valueAt(job, ['segments', 'method'])));
  const all: Level = { path: ['labels'], labels, features: ['features'], clusters: ['segments'] };
  const levels = [all, ...childLevels(job, labels)];
  for (const level of levels) if (ofClusters) levelRules(job, level, report, reportKey);
  uniqueSlugs(levels, report);
  for (const [i, label] of labels.entries()) {
    if (!isRecord(label)) continue;
    if (label['children'] !== undefined) parentRule(label, ['labels', i, 'children'], ofClusters, reportKey);
    if (!ofClusters && label['prototype'] !== undefined)
      reportKey(['labels', i, 'prototype'], 'a prototype describes a cluster, and this method makes none', 'remove it');
  }
  if (labels.every(isRecord)) outlierLabels(job, labels, report, reportKey);
}

function childLevels(job: unknown, labels: readonly unknown[]): Level[] {
  return labels.flatMap((label, i): Level[] => {
    const clusters = ['labels', i, 'children'];
    const children = valueAt(label, ['children', 'labels']);
    const own = [...clusters, 'features'];
    const features = valueAt(job, own) === undefined ? ['features'] : own;
    return Array.isArray(children) ? [{ path: [...clusters, 'labels'], labels: children, features, clusters }] : [];
  });
}

function parentRule(label: LabelRecord, path: Path, ofClusters: boolean, reportKey: Report): void {
  const features = valueAt(label, ['children', 'features']);
  if (!ofClusters) reportKey(path, 'children divide a cluster, and this method makes none', 'remove them');
  else if (label['when'] === 'outlier')
    reportKey(path, 'outliers are not a cluster and are not divided', 'remove them');
  for (const [name, feature] of Object.entries(isRecord(features) ? features : {}))
    if (isRecord(feature) && ('order' in feature || 'categories' in feature))
      reportKey([...path, 'features', name], 'texts are features of the whole job only', 'write it in features');
  if (isRecord(features) && Object.keys(features).length === 0)
    reportKey([...path, 'features'], 'clustering needs at least one feature', "remove it to take the job's features");
}

function levelRules(job: unknown, level: Level, report: Report, reportKey: Report): void {
  const { path, labels } = level;
  for (const [i, label] of labels.entries()) {
    if (!isRecord(label)) continue;
    ruleOrPrototype(label, [...path, i], report);
    prototypeAxes(valueAt(job, level.features), label, [...path, i], reportKey);
    guardRule(labels, label, [...path, i], report);
    if (path.length > 1 && label['when'] === 'outlier')
      report([...path, i, 'when'], 'outliers are kept out of the fit and are not divided', 'write it in labels');
  }
  if (labels.every(isRecord)) clusterLabels(job, level, report, reportKey);
}

function uniqueSlugs(levels: readonly Level[], report: Report): void {
  const first = new Map<string, Path>();
  for (const { path, labels } of levels)
    for (const [i, label] of labels.entries()) {
      const slug = valueAt(label, ['segment']);
      if (typeof slug !== 'string') continue;
      const other = first.get(slug);
      if (other === undefined) first.set(slug, [...path, i]);
      else report([...path, i, 'segment'], `${pathText(other)} publishes "${slug}" already`, 'use another slug');
    }
}

type LabelRecord = Readonly<Record<string, unknown>>;

function ruleOrPrototype(label: LabelRecord, path: Path, report: Report): void {
  const [hasPrototype, hasWhen] = [label['prototype'] !== undefined, label['when'] !== undefined];
  if (hasPrototype && label['when'] === 'outlier')
    report([...path, 'when'], 'outliers are not a cluster, so this label has no prototype', 'remove one');
  if (!hasPrototype && !hasWhen) {
    const suggestion = 'write where the cluster lies, such as prototype: { value: 95 }, or a condition as when';
    report(path, 'neither prototype nor when says which customers this names', suggestion);
  }
  if (isRecord(label['prototype']) && Object.keys(label['prototype']).length === 0)
    report([...path, 'prototype'], 'an empty prototype describes no cluster', 'name at least one feature');
}

function guardRule(labels: readonly unknown[], label: LabelRecord, path: Path, report: Report): void {
  const other = label['guard_else'];
  if (label['guard'] === undefined && other === undefined) return;
  if (label['when'] === 'outlier')
    report([...path, 'guard'], 'outliers are not guarded: whoever is one gets this label', 'remove it');
  else if (label['guard'] === undefined)
    report([...path, 'guard_else'], 'nobody fails a guard that is not written', 'add guard, or remove it');
  else if (other === undefined)
    report([...path, 'guard'], 'what becomes of customers that fail it?', 'name their segment as guard_else');
  else if (typeof other === 'string' && other === label['segment'])
    report([...path, 'guard_else'], 'customers that fail the guard would stay', 'name another segment');
  else if (typeof other === 'string' && !labels.some((each) => valueAt(each, ['segment']) === other))
    report([...path, 'guard_else'], `no label publishes "${other}"`, `one of ${slugsOf(labels).join(', ')}`);
}

function slugsOf(labels: readonly unknown[]): string[] {
  return labels.map((each) => valueAt(each, ['segment'])).filter((slug) => typeof slug === 'string');
}

function prototypeAxes(features: unknown, label: LabelRecord, path: Path, reportKey: Report): void {
  if (!isRecord(features) || !isRecord(label['prototype'])) return;
  const names = Object.keys(features);
  for (const axis of Object.keys(label['prototype'])) {
    if (valueAt(features, [axis, 'categories']) !== undefined)
      reportKey([...path, 'prototype', axis], 'categories have no percentiles', 'name another axis, or write when');
    if (names.includes(axis)) continue;
    const near = didYouMean(axis, names);
    const suggestion = near === undefined ? `one of ${names.join(', ')}` : `did you mean "${near}"?`;
    reportKey([...path, 'prototype', axis], `"${axis}" is not a feature`, suggestion);
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

function clusterLabels(job: unknown, level: Level, report: Report, reportKey: Report): void {
  const { path, clusters } = level;
  const kPath = [...clusters, 'k'];
  const written = valueAt(job, kPath);
  const k = written ?? (path.length > 1 ? undefined : 4);
  if (!Number.isInteger(k) || typeof k !== 'number' || !isRecord(valueAt(job, clusters))) return;
  const labels = level.labels.filter((label) => valueAt(label, ['when']) !== 'outlier');
  const mandatory = labels.filter((label) => valueAt(label, ['mandatory']) === true);
  const reportK: Report = written === undefined ? reportKey : report;
  if (mandatory.length > k)
    reportK(
      written === undefined ? clusters : kPath,
      `${mandatory.length} labels are mandatory, but k = ${k} clusters cannot carry them all`,
      `write k: ${mandatory.length}, or make fewer mandatory`,
    );
  const eachOnce = (valueAt(job, ['labelling', 'cardinality']) ?? 'one_to_one') === 'one_to_one';
  if (eachOnce && labels.length < k)
    reportKey(
      path,
      `${labels.length} labels name a cluster, but k = ${k} clusters each need a name`,
      `add ${k - labels.length}, or lower ${pathText(kPath)}`,
    );
}
