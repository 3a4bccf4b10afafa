import type { MethodPart } from '../../analysis/model.ts';
import { columnOf } from '../../frame/frame.ts';
import type { Separated } from './outliers.ts';

/** Share of a segment's customers with each text of a feature, 0..1, by column and text; texts that the model lists. */
export type TextShares = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** For each of `count` segments, how the texts that are features are spread among its customers. */
export function textShares(
  { customers }: Separated,
  model: MethodPart,
  { segmentOf, count }: { readonly segmentOf: Int32Array; readonly count: number },
): TextShares[] {
  const codings = 'scales' in model ? model.scales.flatMap(({ coding }) => (coding ? [coding] : [])) : [];
  const names = [...new Set(codings.map(({ column }) => column))];
  const sizes = new Float64Array(count);
  for (const segment of segmentOf) if (segment >= 0) sizes[segment]! += 1;
  const counted = names.map((name) => {
    const { dictionary, codes } = columnOf(customers, name, 'text');
    const counts = new Float64Array(count * dictionary.length);
    for (const [row, segment] of segmentOf.entries())
      if (segment >= 0 && codes[row]! >= 0) counts[segment * dictionary.length + codes[row]!]! += 1;
    const listed = codings.filter(({ column }) => column === name).flatMap(({ codes: known }) => known);
    return { name, texts: listed.map(({ text }) => ({ text, code: dictionary.indexOf(text) })), counts, dictionary };
  });
  return Array.from(sizes, (size, segment) => {
    if (size === 0) return {};
    const shares = counted.map(({ name, texts, counts, dictionary }) => {
      const shareOf = (code: number): number => (code < 0 ? 0 : counts[segment * dictionary.length + code]! / size);
      return [name, Object.fromEntries(texts.map(({ text, code }) => [text, shareOf(code)]))] as const;
    });
    return Object.fromEntries(shares);
  });
}
