import type { Coding } from './codings.ts';
import type { RowPredicate } from '../job/expression/expression.ts';
import type { ClusteringSegments, Feature, Outliers } from '../job/schema.ts';
import type { TableRow } from '../job/rfm/table.ts';
import type { CustomerRule } from '../job/rules/schema.ts';
import type { FittedRfm } from './rfm/scoring.ts';

/** Values outside `low`..`high` (raw units) are outliers; null means no fence on that side. */
export type Fence = { readonly column: string; readonly low: number | null; readonly high: number | null };

/** `scaled = (clamp(transform(x), low, high) - center) / spread * sqrt(weight)`; no clamp where the bounds are null. */
export type FeatureScale = {
  readonly column: string;
  readonly transform: Feature['transform'];
  readonly scale: Feature['scale'];
  readonly weight: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly center: number;
  readonly spread: number;
  /** Where the column is made of texts. */
  readonly coding?: Coding;
};

/** Where the numbers of a feature come from, before they are scaled. */
export type FeatureSource = Pick<FeatureScale, 'column' | 'transform' | 'coding'>;

/** A cluster that keeps its uid from night to night. */
export type Cluster = {
  readonly uid: string;
  /** Published slug. */
  readonly segment: string;
  /** In the frozen scale, in feature order. */
  readonly centroid: readonly number[];
  /** Mean of the members in raw units, in feature order; null where nobody has a value, as in a cluster without members. */
  readonly center: readonly (number | null)[];
};

/** What every method's model holds. */
type CommonPart = {
  readonly version: 1;
  readonly outlierAction: Outliers['action'] | null;
  /** The segment of outliers that are tagged. */
  readonly outlierSegment: string | null;
  readonly fences: readonly Fence[];
  /** Hash of the parts of the job that shape the model; a model of another hash is not continued. */
  readonly shapeHash: string;
};

type SegmentGuard = { readonly segment: string; readonly condition: RowPredicate; readonly otherwise: string };

/** Customers go to the nearest centroid. */
type Centroids = {
  /** `YYYY-MM-DD`: as_of of the run that last moved the centroids. */
  readonly fittedOn: string;
  /** Squared Euclidean, of the night. */
  readonly silhouetteSq: number | null;
  readonly scales: readonly FeatureScale[];
  readonly clusters: readonly Cluster[];
  /** Customers of a segment that fail its condition get another. */
  readonly guards: readonly SegmentGuard[];
};

/** How the customers of a segment are divided: none of them has the segment itself. */
export type ChildModel = Centroids & { readonly segment: string };

type CentroidPart = Centroids & {
  readonly method: ClusteringSegments['method'];
  readonly seed: number;
  /** One for each divided segment, once it has been fitted. */
  readonly children?: readonly ChildModel[];
};

/** Customers get scores, and the first row of the table that fits them. */
type RfmPart = {
  readonly method: 'rfm';
  /** `YYYY-MM-DD`: as_of of the run that last moved the edges. */
  readonly fittedOn: string;
  readonly scoring: FittedRfm;
  readonly table: readonly TableRow[];
  /** The segment of scores that no row fits, and of customers without an order. */
  readonly otherwise: string | null;
  readonly noPurchase: string | null;
};

/** Customers get the segment of the first rule that they satisfy. */
type RulesPart = {
  readonly method: 'rules';
  readonly rules: readonly CustomerRule[];
  /** The segment of customers that no rule takes. */
  readonly otherwise: string;
};

/** What a model holds of its method, one member for each kind of method. */
export type MethodPart = CentroidPart | RfmPart | RulesPart;

export type CentroidModel = CommonPart & CentroidPart;
export type RfmModel = CommonPart & RfmPart;

/** All that is needed to tag a customer as this run did, as plain JSON. */
export type Model = CommonPart & MethodPart;
