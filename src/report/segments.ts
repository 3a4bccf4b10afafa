import type { NightSegment, NightSummary } from './night.ts';

/** A segment with what tells it apart everywhere: its number, and its place in the palette. */
export type ShownSegment = NightSegment & { readonly place: number; readonly number: number };

/** The segments that somebody is in, in the order of the job. */
export function shownSegments({ segments }: Pick<NightSummary, 'segments'>): ShownSegment[] {
  return segments
    .map((segment, place) => ({ ...segment, place, number: place + 1 }))
    .filter(({ customers }) => customers > 0);
}

type Named = { readonly segments: readonly Pick<NightSegment, 'segment' | 'name'>[] };

/** What a segment is called, by its slug: of those that are no more, the slug as words. */
export function namesOf({ segments }: Named): (slug: string) => string {
  const names = new Map(segments.map(({ segment, name }) => [segment, name]));
  return (slug) => names.get(slug) ?? asWords(slug);
}

function asWords(slug: string): string {
  return slug.charAt(0).toUpperCase() + slug.slice(1).replaceAll('_', ' ');
}
