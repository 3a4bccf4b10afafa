import { isRecord, valueAt } from '../plain-value.ts';
import type { Report } from '../yaml-text.ts';
import { presetNames, presets, type PresetName } from './presets.ts';

/** What no single field of an RFM job can say about itself; the values are those of the file. */
export function rfmRules(job: unknown, report: Report, reportKey: Report): void {
  const segments = valueAt(job, ['segments']);
  for (const axis of ['recency', 'frequency', 'monetary']) axisRules(segments, axis, report);
  if (valueAt(segments, ['preset']) !== undefined && valueAt(segments, ['table']) !== undefined)
    report(['segments', 'preset'], 'preset brings a table, and the job has one too', 'remove one of them');
  if (valueAt(segments, ['monetary']) === undefined && asksForMonetary(segments))
    reportKey(
      ['segments'],
      'the table asks for monetary scores, but monetary is missing',
      'name its column as monetary',
    );
  labelsOfTable(job, report);
}

/** The slugs that an RFM job can publish, in the order of its table. */
function rfmSlugs(segments: unknown): string[] {
  const preset = presetOf(segments);
  const written = valueAt(segments, ['table']);
  const rows = Array.isArray(written) ? written : (preset?.table ?? []);
  const own = ['otherwise', 'no_purchase'].map((key) => valueAt(segments, [key]));
  const slugs = [...rows.map((row) => valueAt(row, ['segment'])), ...own];
  if (preset) slugs.push(preset.otherwise, preset.noPurchase, preset.outlier);
  return [...new Set(slugs.filter((slug) => typeof slug === 'string'))];
}

/** Whether the preset of an RFM job names the outliers, so that no label has to. */
export function presetNamesOutliers(job: unknown): boolean {
  const segments = valueAt(job, ['segments']);
  return valueAt(segments, ['method']) === 'rfm' && typeof presetOf(segments)?.outlier === 'string';
}

function presetOf(segments: unknown): (typeof presets)[PresetName] | undefined {
  const name = valueAt(segments, ['preset']);
  if (name === undefined) return valueAt(segments, ['table']) === undefined ? presets.segtag : undefined;
  return presetNames.includes(name as PresetName) ? presets[name as PresetName] : undefined;
}

function axisRules(segments: unknown, axis: string, report: Report): void {
  const settings = valueAt(segments, [axis]);
  const path = ['segments', axis];
  const ways = ['bins', 'percentiles', 'cuts'].filter((way) => valueAt(settings, [way]) !== undefined);
  if (ways.length > 1) report([...path, ways[1]!], `${axis} is cut by ${ways[0]} already`, 'keep one of the two');
  for (const way of ['percentiles', 'cuts']) {
    const cuts = valueAt(settings, [way]);
    if (Array.isArray(cuts) && cuts.some((cut, i) => i > 0 && !(Number(cut) > Number(cuts[i - 1]))))
      report([...path, way], 'each number must be above the one before it');
  }
  const by = valueAt(settings, ['by']);
  if (by !== undefined && ways.includes('cuts'))
    report([...path, 'by'], 'cuts say by themselves where each customer goes', 'remove by');
  if (by === 'ntile' && ways.includes('percentiles'))
    report([...path, 'by'], 'ntile makes equal parts, not percentiles', 'write bins, or by: rank');
}

function asksForMonetary(segments: unknown): boolean {
  const written = valueAt(segments, ['table']);
  if (!Array.isArray(written))
    return (presetOf(segments)?.table ?? []).some(({ cells }) => cells.some(({ monetary }) => monetary !== undefined));
  return written.some((row) => valueAt(row, ['monetary']) !== undefined || patternsOf(row).some(hasThreeParts));
}

function patternsOf(row: unknown): string[] {
  const cells = valueAt(row, ['cells']);
  return (Array.isArray(cells) ? cells : [cells]).filter((pattern) => typeof pattern === 'string');
}

function hasThreeParts(pattern: string): boolean {
  return (pattern.match(/\d|\[[^\]]*\]/g) ?? []).length === 3;
}

function labelsOfTable(job: unknown, report: Report): void {
  const labels = valueAt(job, ['labels']);
  const slugs = rfmSlugs(valueAt(job, ['segments']));
  if (!Array.isArray(labels) || slugs.length === 0) return;
  for (const [i, label] of labels.entries()) {
    if (!isRecord(label) || label['when'] !== undefined || typeof label['segment'] !== 'string') continue;
    if (!slugs.includes(label['segment']))
      report(['labels', i, 'segment'], `no row of the table gives "${label['segment']}"`, `one of ${slugs.join(', ')}`);
  }
}
