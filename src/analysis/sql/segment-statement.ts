import type { Model } from '../model.ts';
import { centroidSegment } from './centroid-segment.ts';
import { conditionSql } from './condition.ts';
import { quoteName } from './dialect.ts';
import { addLayers, outlierMark, slugLiteral, type SegmentParts } from './parts.ts';
import { rfmSegment, type RfmSqlOptions } from './rfm-segment.ts';

export type SegmentStatement = RfmSqlOptions & {
  /** The query with one row per customer, without parameters. */
  readonly customersSql: string;
};

/**
 * One SELECT with the columns `customer_id` and `segment`: what the model says of each customer that
 * the query returns. Customers that the job drops as outliers are not in it; `segment` is NULL for
 * those whose columns are. Reads only, uses no function but LN and casts, and no tables but the query's.
 */
export function segmentStatement(model: Model, options: SegmentStatement): string {
  const { dialect, customerId, customersSql } = options;
  const { layers, segment } = partsOf(model, options);
  const marked = [{ name: 'segtag_outlier', sql: outlierMark(model.fences, dialect) }];
  const query = addLayers(withoutSemicolon(customersSql), [marked, ...layers]);
  const tagged =
    model.outlierAction === 'tag'
      ? `CASE WHEN segtag_outlier = 1 THEN ${slugLiteral(model.outlierSegment)} ELSE ${segment} END`
      : segment;
  const where = model.outlierAction === 'drop' ? '\nWHERE segtag_outlier = 0' : '';
  return `SELECT ${quoteName(customerId, dialect)} AS customer_id,\n  ${tagged} AS segment\nFROM (\n${query}\n) t${where}\n`;
}

function partsOf(model: Model, options: SegmentStatement): SegmentParts {
  switch (model.method) {
    case 'kmeans':
    case 'hierarchical':
      return centroidSegment(model, options);
    case 'rfm':
      return rfmSegment(model, options);
    case 'rules': {
      const rules = model.rules.map(
        ({ segment, when }) => `WHEN ${conditionSql(when, options)} THEN ${slugLiteral(segment)}`,
      );
      return { layers: [], segment: `CASE ${rules.join(' ')} ELSE ${slugLiteral(model.otherwise)} END` };
    }
  }
}

function withoutSemicolon(sql: string): string {
  return sql.trimEnd().replace(/;$/, '');
}
