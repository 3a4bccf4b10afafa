import type { CentroidModel } from '../../../analysis/model.ts';
import type { ClusteringSegments } from '../../../job/schema.ts';
import type { RunContext } from '../../context.ts';
import type { MethodInput } from '../segmentation.ts';
import type { Coded } from './code-texts.ts';
import { countedTwice } from './counted-twice.ts';
import { buildFeatures, noteFeatures } from './features.ts';
import { noteSegment, segment, type FoundClusters } from './segment.ts';
import { takeClusters } from './warehouse/take-clusters.ts';

type FindInput = Pick<MethodInput, 'stage' | 'fitted'> & {
  readonly separated: Coded;
  readonly model: CentroidModel | undefined;
};

/** Clusters the customers in memory, unless the warehouse has done so. */
export async function findClusters(
  context: RunContext,
  segments: ClusteringSegments,
  { separated, stage, fitted, model }: FindInput,
): Promise<FoundClusters> {
  const { features } = context.loaded.job;
  if (fitted?.method === 'kmeans') {
    const take = (): FoundClusters => takeClusters(segments, separated, fitted);
    return stage('segment', take, ({ segmented }) => `${noteSegment(segmented)}, in the warehouse`);
  }
  const ofJob = { features, path: ['features'] };
  const featured = await stage('features', () => buildFeatures(context, separated, ofJob, model), noteFeatures);
  const findings = countedTwice(featured);
  const segmented = await stage('segment', () => segment(context, { segments, featured, model }), noteSegment);
  return { scales: featured.scales, fitRows: featured.fitRows, segmented, findings };
}
