import { numbersOf, rowsWhere } from '../../../frame/rows.ts';
import type { SegmentText } from '../../../analysis/decide/diff.ts';
import type { NumericColumn } from '../../../analysis/matrix.ts';
import type { CentroidModel, ChildModel } from '../../../analysis/model.ts';
import { SegtagError } from '../../../errors.ts';
import { takeFrameRows } from '../../../frame/frame.ts';
import type { Children, ClusteringSegments, Label } from '../../../job/schema.ts';
import type { RunContext } from '../../context.ts';
import { squaredSilhouette } from './cluster-quality.ts';
import type { Coded } from './code-texts.ts';
import { buildFeatures } from './features.ts';
import { guardsOf } from './guards.ts';
import { label } from './label.ts';
import type { NamedClusters } from './name-clusters.ts';
import { fitSegments } from './segment.ts';

/** The customers of one label, divided among themselves. */
export type Division = {
  /** Slug of the label that is divided. */
  readonly segment: string;
  /** Rows of its customers, ascending. */
  readonly rows: Uint32Array;
  /** Null where they could not be divided. */
  readonly named: NamedClusters | null;
  /** Any of them holds the run. */
  readonly problems: readonly string[];
  /** Tonight's; the published one where they could not be divided. */
  readonly model: ChildModel | undefined;
};

export type DivideInput = {
  readonly segments: ClusteringSegments;
  readonly separated: Coded;
  /** Index into the job's labels of each customer. */
  readonly labelOf: Int32Array;
  readonly model: CentroidModel | undefined;
};

/** Clusters the customers of each label with `children` again, as all customers are: a division of one level. */
export async function divideSegments(context: RunContext, input: DivideInput): Promise<Division[]> {
  const { features, labels } = context.loaded.job;
  const divisions: Division[] = [];
  for (const [index, { segment: slug, children }] of labels.entries()) {
    if (!children) continue;
    const path = children.features ? ['labels', index, 'children', 'features'] : ['features'];
    const parent = {
      segment: slug,
      children,
      rows: rowsWhere(input.labelOf.length, (row) => input.labelOf[row] === index),
      published: input.model?.children?.find((child) => child.segment === slug),
      featured: { features: children.features ?? features, path },
    };
    divisions.push(await divide(context, input, parent));
  }
  return divisions;
}

type Parent = Pick<Division, 'segment' | 'rows'> & {
  readonly children: Children;
  readonly published: ChildModel | undefined;
  readonly featured: Parameters<typeof buildFeatures>[2];
};

async function divide(context: RunContext, input: DivideInput, parent: Parent): Promise<Division> {
  const { children, published, rows } = parent;
  const undivided = { segment: parent.segment, rows, named: null, model: published };
  if (rows.length === 0) return { ...undivided, problems: mandatoryOf(parent) };
  const segments = { ...input.segments, k: children.k };
  const separated = membersOf(input.separated, rows);
  try {
    const featured = buildFeatures(context, separated, parent.featured, published);
    const { fit, fittedOn } = await fitSegments(context, { segments, featured, model: published });
    const uidPrefix = `${context.runId}-${parent.segment}`;
    const naming = { labels: children.labels, published: published?.clusters ?? [], uidPrefix };
    const named = label(context, { separated, ...featured, segmented: fit, ...naming });
    const model = {
      segment: parent.segment,
      fittedOn,
      silhouetteSq: squaredSilhouette(featured.matrix, fit.labels),
      scales: featured.scales,
      clusters: named.clusters,
      guards: guardsOf(children.labels),
    };
    const problems = named.result.problems.map(({ message }) => `Within ${parent.segment}: ${message}`);
    return { segment: parent.segment, rows, named, problems, model };
  } catch (error) {
    if (!(error instanceof SegtagError) || error.code !== 'E_DEGENERATE_FIT') throw error;
    const problem = `${parent.segment} cannot be divided into ${children.k}: ${error.what}`;
    return { ...undivided, problems: [problem] };
  }
}

function mandatoryOf({ segment: slug, children }: Parent): string[] {
  return children.labels
    .filter(({ mandatory }) => mandatory)
    .map((child) => `Nobody is in ${slug} and so in its mandatory segment ${child.segment}.`);
}

/** These customers as if there were no others: all of them in the fit. */
function membersOf(separated: Coded, rows: Uint32Array): Coded {
  const taken = ({ name, values }: NumericColumn): NumericColumn => ({
    name,
    values: numbersOf(values, rows),
  });
  return {
    ...separated,
    customers: takeFrameRows(separated.customers, rows),
    columns: separated.columns.map(taken),
    fitColumns: separated.fitColumns.map(taken),
    isOutlier: new Uint8Array(rows.length),
  };
}

/** The segments that customers can have, and each customer's: the children's in place of a label that is divided. */
export function leafSegments(
  labels: readonly Label[],
  labelOf: Int32Array,
  divisions: readonly Division[],
): { readonly segments: readonly SegmentText[]; readonly segmentOf: Int32Array } {
  const leaves = labels.flatMap((each) => each.children?.labels ?? [each]);
  const places = new Map(leaves.map(({ segment: slug }, i) => [slug, i]));
  const leafOf = labels.map((label) => places.get(label.segment) ?? -1);
  const segmentOf = labelOf.map((index) => (index < 0 ? -1 : leafOf[index]!));
  for (const { segment: slug, rows, named } of divisions) {
    const children = labels.find((each) => each.segment === slug)!.children!.labels;
    const placeOf = children.map((child) => places.get(child.segment)!);
    for (let i = 0; i < rows.length; i++) {
      const child = named?.labelOf[i] ?? -1;
      segmentOf[rows[i]!] = child < 0 ? -1 : placeOf[child]!;
    }
  }
  const segments = leaves.map(({ segment: slug, name, campaign }) => ({
    segment: slug,
    name,
    campaign: campaign ?? null,
  }));
  return { segments, segmentOf };
}

/** The divisions in one line. */
export function noteDivide(divisions: readonly Division[]): string {
  return divisions
    .flatMap(({ segment: slug, rows, named, problems }) => {
      const parts = named ? `into ${named.clusters.length}` : 'not divided';
      return [`${slug} (${rows.length.toLocaleString('en-US')} customers) ${parts}`, ...problems];
    })
    .join(' · ');
}
