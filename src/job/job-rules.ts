import { columnUses, typesFor } from './column-uses.ts';
import { computeRules } from './compute-rules.ts';
import { didYouMean } from './did-you-mean.ts';
import { labelRules } from './label-rules.ts';
import { mistakeAt, type Mistake } from './mistake.ts';
import { eachText, isRecord, valueAt } from './plain-value.ts';
import type { ColumnType } from './schema.ts';
import { columnTypes } from './schema/source.ts';
import { rfmRules } from './rfm/rules.ts';
import { customerRules, ruleTagRules } from './rules/checks.ts';
import { notifyRules } from './notify-rules.ts';
import { notifySecrets } from './schema/notify.ts';
import { scheduleRules } from './schedule-rules.ts';
import { pathText, type Path, type Report, type YamlText } from './yaml-text.ts';

/**
 * What no single field can say about itself. The values are those of the file, checked by nobody
 * yet, so that these mistakes are told together with those of the schema.
 */
export function jobRules(yaml: YamlText, fileName: string): Mistake[] {
  const mistakes: Mistake[] = [];
  const reportAt = (part: 'key' | 'value'): Report => {
    return (path, message, suggestion, inside) => {
      const valueRange = inside ? yaml.rangeInside(path, inside) : yaml.valueRange(path);
      const range = part === 'key' ? yaml.keyRange(path) : valueRange;
      mistakes.push(mistakeAt(yaml, { range, path: pathText(path), message, suggestion }));
    };
  };
  const report = reportAt('value');
  nameRule(yaml.value, fileName, report);
  referenceRule(yaml.value, report);
  columnRules(yaml.value, report, reportAt('key'));
  featureRules(yaml.value, report, reportAt('key'));
  boundRules(yaml.value, report);
  labelRules(yaml.value, report, reportAt('key'));
  const method = valueAt(yaml.value, ['segments', 'method']);
  if (method === 'rfm') rfmRules(yaml.value, report, reportAt('key'));
  if (method === 'rules') customerRules(yaml.value, report);
  ruleTagRules(yaml.value, report, reportAt('key'));
  computeRules(yaml.value, report);
  scheduleRules(yaml.value, report);
  notifyRules(yaml.value, report);
  return mistakes;
}

function nameRule(job: unknown, fileName: string, report: Report): void {
  const name = valueAt(job, ['job']);
  if (typeof name === 'string' && name !== fileName)
    report(['job'], `the job is named "${name}", the file ${fileName}.yaml`, 'give both the same name');
}

function referenceRule(job: unknown, report: Report): void {
  eachText(job, (text, path) => {
    const isAddress = path[0] === 'notify' && notifySecrets.some((key) => key === path.at(-1));
    if (text.includes('${') && !isAddress)
      report(
        path,
        'references such as ${env:NAME} are not read in job files',
        'put secrets into config/connections.yaml',
      );
  });
}

function columnRules(job: unknown, report: Report, reportKey: Report): void {
  const id = valueAt(job, ['source', 'customer_id']);
  const contract = valueAt(job, ['source', 'columns']);
  for (const use of columnUses(job)) {
    const tell = use.atKey ? reportKey : report;
    if ((use.as === 'number' || use.as === 'category') && use.column === id) {
      tell(use.path, `"${use.column}" identifies the customer and cannot be measured`, 'use another column', use.span);
      continue;
    }
    if (!isRecord(contract)) continue;
    const type = contract[use.column];
    const allowed = typesFor[use.as];
    if (!Object.hasOwn(contract, use.column)) {
      const columns = Object.keys(contract);
      const near = didYouMean(use.column, columns);
      const suggestion = near === undefined ? `one of ${columns.join(', ')}` : `did you mean "${near}"?`;
      tell(use.path, `"${use.column}" is not in source.columns`, suggestion, use.span);
    } else if (allowed && isColumnType(type) && !allowed.includes(type))
      tell(
        use.path,
        `"${use.column}" is ${type} in source.columns; ${allowed.join(' or ')} is needed here`,
        undefined,
        use.span,
      );
  }
}

/** Clustering lives on features; the other methods name their columns elsewhere and have no silhouette. */
function featureRules(job: unknown, report: Report, reportKey: Report): void {
  const method = valueAt(job, ['segments', 'method']);
  const features = valueAt(job, ['features']) ?? {};
  const isEmpty = isRecord(features) && Object.keys(features).length === 0;
  if (method === 'kmeans' || method === 'hierarchical') {
    if (isEmpty) reportKey(['features'], `${method} needs at least one feature`, 'name the columns to be clustered');
    for (const name of isRecord(features) ? Object.keys(features) : []) textFeatureRule(features, name, report);
    return;
  }
  if (method !== 'rfm' && method !== 'rules') return;
  if (!isEmpty) reportKey(['features'], `${method} clusters nothing and has no features`, 'remove them');
  const silhouette = valueAt(job, ['guards', 'silhouette_sq']);
  if (silhouette !== undefined && silhouette !== 'off')
    report(['guards', 'silhouette_sq'], `${method} has no clusters and so no silhouette`, 'remove it');
}

/** Texts have an order or categories; neither has a logarithm, and categories no scale. */
function textFeatureRule(features: unknown, name: string, report: Report): void {
  const has = (key: string): boolean => valueAt(features, [name, key]) !== undefined;
  const path = ['features', name];
  if (has('order') && has('categories')) {
    report([...path, 'categories'], 'a feature has either order or categories', 'remove one');
    return;
  }
  if ((has('order') || has('categories')) && valueAt(features, [name, 'transform']) === 'log1p')
    report([...path, 'transform'], 'texts have no logarithm', 'remove it');
  if (has('categories') && has('scale'))
    report([...path, 'scale'], 'categories are scaled so that a mismatch costs 1', 'remove it; see weight');
  for (const key of ['order', 'categories']) {
    const listed = valueAt(features, [name, key]);
    if (Array.isArray(listed) && new Set(listed).size < listed.length)
      report([...path, key], 'a text is listed twice', 'list each once');
  }
}

function isColumnType(type: unknown): type is ColumnType {
  return (columnTypes as readonly unknown[]).includes(type);
}

function boundRules(job: unknown, report: Report): void {
  const checks = valueAt(job, ['checks']);
  for (const i of Array.isArray(checks) ? checks.keys() : []) boundRule(job, ['checks', i], report);
  boundRule(job, ['guards', 'segment_share'], report);
  const percentiles = valueAt(job, ['outliers', 'percentiles']);
  if (Array.isArray(percentiles) && Number(percentiles[0]) >= Number(percentiles[1]))
    report(['outliers', 'percentiles'], 'the lower percentile must be below the upper one');
}

function boundRule(job: unknown, path: Path, report: Report): void {
  const min = valueAt(job, [...path, 'min']);
  const max = valueAt(job, [...path, 'max']);
  if (magnitude(min) > magnitude(max))
    report([...path, 'min'], `min (${String(min)}) is above max (${String(max)}), so nothing can pass`);
}

/** A number or the number in a percentage; NaN, which compares with nothing, for all else. */
function magnitude(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+(\.\d+)?%$/.test(value) ? Number(value.slice(0, -1)) : Number.NaN;
}
