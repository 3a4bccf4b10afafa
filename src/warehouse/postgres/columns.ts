import type { FieldDef } from 'pg';
import type { SqlColumn, SqlFamily } from '../read-column.ts';

/** By the object id of the type, which is the same on all servers for the types built in. */
const builtInTypes: Readonly<Record<number, readonly [SqlFamily, string]>> = {
  16: ['boolean', 'boolean'],
  18: ['text', 'char'],
  19: ['text', 'name'],
  20: ['integer', 'bigint'],
  21: ['integer', 'smallint'],
  23: ['integer', 'integer'],
  25: ['text', 'text'],
  26: ['integer', 'oid'],
  114: ['other', 'json'],
  700: ['double', 'real'],
  701: ['double', 'double precision'],
  705: ['text', 'text'],
  790: ['other', 'money'],
  1042: ['text', 'character'],
  1043: ['text', 'character varying'],
  1082: ['date', 'date'],
  1083: ['other', 'time'],
  1114: ['timestamp', 'timestamp'],
  1184: ['zoned timestamp', 'timestamp with time zone'],
  1186: ['other', 'interval'],
  1700: ['decimal', 'numeric'],
  2950: ['text', 'uuid'],
  3802: ['other', 'jsonb'],
};

/** A column of a result in engine-neutral terms. */
export function postgresColumn({ name, dataTypeID }: FieldDef): SqlColumn {
  const [family, sqlType] = builtInTypes[dataTypeID] ?? ['other', `a type of the server's own (oid ${dataTypeID})`];
  return { name, family, sqlType };
}
