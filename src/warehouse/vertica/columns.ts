import type { SqlColumn, SqlFamily } from '../read-column.ts';
import type { DriverField } from './driver-shape.ts';

const families: ReadonlyMap<number, readonly [SqlFamily, string]> = new Map([
  [5, ['boolean', 'boolean']],
  [6, ['integer', 'integer']],
  [7, ['double', 'float']],
  [8, ['text', 'char']],
  [9, ['text', 'varchar']],
  [10, ['date', 'date']],
  [11, ['other', 'time']],
  [12, ['timestamp', 'timestamp']],
  [13, ['zoned timestamp', 'timestamptz']],
  [14, ['other', 'interval day to second']],
  [15, ['other', 'timetz']],
  [16, ['decimal', 'numeric']],
  [17, ['other', 'varbinary']],
  [20, ['text', 'uuid']],
  [114, ['other', 'interval year to month']],
  [115, ['text', 'long varchar']],
  [116, ['other', 'long varbinary']],
  [117, ['other', 'binary']],
]);

const numericOid = 16;

/** A column of a result as Vertica announces it, in our terms. */
export function sqlColumn({ name, dataTypeID, dataTypeModifier }: DriverField): SqlColumn {
  const [family, sqlType] = families.get(dataTypeID) ?? ['other', `type ${dataTypeID}`];
  if (dataTypeID !== numericOid || dataTypeModifier < 4) return { name, family, sqlType };
  const [precision, scale] = [(dataTypeModifier - 4) >> 16, (dataTypeModifier - 4) & 0xffff];
  return { name, family, sqlType: `numeric(${precision},${scale})` };
}
