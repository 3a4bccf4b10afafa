import { codedColumns, mostCategories, type CodedColumn, type FoundTexts } from '../../../../analysis/codings.ts';
import type { CentroidModel } from '../../../../analysis/model.ts';
import type { FitRows } from '../../../../analysis/sql/compute/customer-rows.ts';
import { differentTexts } from '../../../../analysis/sql/compute/texts.ts';
import type { Job } from '../../../../job/schema.ts';
import type { Questions } from '../../warehouse/questions.ts';
import { codedColumnsOf } from '../code-texts.ts';

/** The number columns that features over texts become, as `codeTexts` finds them: what the warehouse is asked is which texts there are. */
export async function askCodings(
  questions: Questions,
  rows: FitRows,
  { features, model }: { readonly features: Job['features']; readonly model: CentroidModel | undefined },
): Promise<CodedColumn[]> {
  if (model) return codedColumnsOf(model.scales);
  const coded: CodedColumn[] = [];
  for (const [name, feature] of Object.entries(features)) {
    const found = feature.categories === 'auto' ? await askTexts(questions, rows, name) : undefined;
    coded.push(...codedColumns(name, feature, () => found ?? { count: 0, texts: [] }));
  }
  return coded;
}

function askTexts(questions: Questions, rows: FitRows, column: string): Promise<FoundTexts> {
  return questions.texts(differentTexts(rows, column, mostCategories));
}
