import { rfmSettings } from '../../job/rfm/settings.ts';
import type { Job } from '../../job/schema.ts';
import type { RunContext } from '../context.ts';
import { clusterCustomers } from './clustering/cluster-customers.ts';
import { segmentByRfm } from './rfm/rfm.ts';
import { segmentByRules } from './rules/rules.ts';
import type { MethodInput, Segmentation } from './segmentation.ts';

/** Gives every customer a segment, by the method of the job. A method is a file here and a case below. */
export function segmentCustomers(context: RunContext, input: MethodInput): Promise<Segmentation> {
  const { segments } = context.loaded.job;
  switch (segments.method) {
    case 'kmeans':
    case 'hierarchical':
      return clusterCustomers(context, segments, input);
    case 'rfm':
      return segmentByRfm(context, segments, input);
    case 'rules':
      return segmentByRules(context, segments, input);
  }
}

/** What shapes a model of the job's method: a published model of another shape can't be gone on from. */
export function shapeOf({ features, outliers, segments, labels }: Job): Record<string, unknown> {
  const common = { method: segments.method, outliers: outliers ?? null };
  switch (segments.method) {
    case 'kmeans':
    case 'hierarchical': {
      const children = labels.flatMap(({ segment, children: of }) =>
        of ? [{ segment, k: of.k, features: of.features ?? features }] : [],
      );
      return { ...common, features, k: segments.k, ...(children.length > 0 ? { children } : {}) };
    }
    case 'rfm': {
      const { axes, compat, binning, score, valueAxis, tiers } = rfmSettings(segments);
      return { ...common, axes, compat, binning, score, valueAxis, tiers };
    }
    case 'rules':
      return common;
  }
}
