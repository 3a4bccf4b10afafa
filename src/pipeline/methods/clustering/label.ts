import type { CentroidModel } from '../../../analysis/model.ts';
import type { Label } from '../../../job/schema.ts';
import type { RunContext } from '../../context.ts';
import type { Separated } from '../../stages/outliers.ts';
import { valueColumn } from '../../value-column.ts';
import type { Featured } from './features.ts';
import { nameClusters, type NamedClusters } from './name-clusters.ts';
import type { Segmented } from './segment.ts';

export type LabelInput = {
  readonly separated: Separated;
  readonly scales: Featured['scales'];
  readonly fitRows: Featured['fitRows'];
  readonly segmented: Pick<Segmented, 'k' | 'centroids' | 'labels'>;
  readonly labels: readonly Label[];
  /** The published clusters. */
  readonly published: CentroidModel['clusters'];
  /** New clusters are called by it. */
  readonly uidPrefix: string;
};

/** Gives every cluster the name that fits where it lies, and every outlier the outliers' label. */
export function label(context: RunContext, input: LabelInput): NamedClusters {
  const { separated, scales, fitRows, segmented, labels, published, uidPrefix } = input;
  const { job } = context.loaded;
  const clusterOf = new Int32Array(separated.customers.rowCount).fill(-1);
  for (let i = 0; i < fitRows.length; i++) clusterOf[fitRows[i]!] = segmented.labels[i]!;
  const named = nameClusters({
    labels,
    labelling: job.labelling,
    customers: separated.customers,
    columns: separated.columns,
    features: scales.map(({ column }) => column),
    value: valueColumn(job, separated.columns),
    clusterOf,
    k: segmented.k,
    centroids: segmented.centroids,
    published,
    newUidPrefix: uidPrefix,
  });
  const outliers = labels.findIndex(({ when }) => when === 'outlier');
  return { ...named, labelOf: named.labelOf.map((label, row) => (clusterOf[row]! < 0 ? outliers : label)) };
}

/** The labelling in one line. */
export function noteLabel({ result }: NamedClusters): string {
  const named = result.clusters.filter(({ segment }) => segment !== null).length;
  const problems = result.problems.map(({ message }) => message);
  return [`${named} of ${result.clusters.length} named`, ...problems].join(' · ');
}
