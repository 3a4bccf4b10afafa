import type { SegmentText } from '../../analysis/decide/diff.ts';
import type { Job } from '../../job/schema.ts';

/** What a segment is called where the job has no label for it. */
export type DefaultText = { readonly segment: string; readonly name: string; readonly campaign?: string | undefined };

/** The text of each slug: the job's label, else the default, else the slug as words. */
export function segmentTexts(
  { labels }: Job,
  slugs: readonly string[],
  defaults: readonly DefaultText[] = [],
): SegmentText[] {
  return [...new Set(slugs)].map((segment) => {
    const ofSegment = (text: DefaultText): boolean => text.segment === segment;
    const text: DefaultText | undefined = labels.find(ofSegment) ?? defaults.find(ofSegment);
    return { segment, name: text?.name ?? asWords(segment), campaign: text?.campaign ?? null };
  });
}

/** The slug of the outliers' label. */
export function outlierLabel({ labels }: Job): string | undefined {
  return labels.find(({ when }) => when === 'outlier')?.segment;
}

/** A sentence for each mandatory label that nobody gets. */
export function missingMandatory(job: Job, segments: readonly SegmentText[], segmentOf: Int32Array): string[] {
  const found = new Set(segmentOf);
  return job.labels
    .filter(({ mandatory, segment }) => mandatory && !found.has(segments.findIndex((text) => text.segment === segment)))
    .map(({ segment }) => `Nobody is in the mandatory segment ${segment}.`);
}

function asWords(slug: string): string {
  return slug.charAt(0).toUpperCase() + slug.slice(1).replaceAll('_', ' ');
}
