import { codeColumn, codedColumns, textsIn, unknownTexts, type CodedColumn } from '../../../analysis/codings.ts';
import type { FeatureScale } from '../../../analysis/model.ts';
import { columnOf } from '../../../frame/frame.ts';
import type { Job } from '../../../job/schema.ts';
import type { Separated } from '../../stages/outliers.ts';

/** Customers whose texts have become numbers where features ask for them. */
export type Coded = Separated & { readonly coded: readonly CodedColumn[] };

/** The columns of texts that these scales are about. */
export function codedColumnsOf(scales: readonly FeatureScale[]): CodedColumn[] {
  return scales.flatMap(({ column: name, coding }) => (coding ? [{ name, coding }] : []));
}

/**
 * Makes number columns of the features that are texts: by the scales that there are already, so that the
 * categories of a published model stay. A text that they do not know is of no category, and is counted.
 */
export function codeTexts(
  separated: Separated,
  features: Job['features'],
  known: readonly FeatureScale[] | undefined,
): { readonly separated: Coded; readonly notes: readonly string[] } {
  const { customers, columns, fitColumns } = separated;
  const texts = (name: string) => columnOf(customers, name, 'text');
  const ofTexts = Object.entries(features).filter(([, { order, categories }]) => order ?? categories);
  const coded = known
    ? codedColumnsOf(known)
    : ofTexts.flatMap(([name, feature]) => codedColumns(name, feature, () => textsIn(texts(name))));
  const added = coded.map((each) => codeColumn(each, texts(each.coding.column)));
  const notes = ofTexts.flatMap(([name, { categories }]) => {
    const ofFeature = coded.filter(({ coding }) => coding.column === name);
    const count = categories ? unknownTexts(ofFeature, texts(name)) : 0;
    const who = count === 1 ? '1 customer has' : `${count.toLocaleString('en-US')} customers have`;
    return count > 0 ? [`${who} another ${name} than its categories: half a mismatch with each of them.`] : [];
  });
  return {
    separated: { ...separated, columns: [...columns, ...added], fitColumns: [...fitColumns, ...added], coded },
    notes,
  };
}

/** The texts that are features, to be published of each customer beside the numbers. */
export function textsOf({ customers, coded }: Coded): (row: number) => Readonly<Record<string, string>> {
  const names = [...new Set(coded.map(({ coding }) => coding.column))];
  const columns = names.map((name) => [name, columnOf(customers, name, 'text')] as const);
  return (row) =>
    Object.fromEntries(
      columns.flatMap(([name, { dictionary, codes }]) => {
        const text = dictionary[codes[row]!];
        return text === undefined ? [] : [[name, text]];
      }),
    );
}
