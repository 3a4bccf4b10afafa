import type { Statement } from '../warehouse.ts';

const comment = /^\/\* segtag .*? \*\/ /;

/**
 * A generated statement with another one inside it, once and unchanged: it has the other's bindings, an error in the
 * inner part is told at its place in the file, and the comment that names job and run goes in front. `sql` must have
 * no question mark of its own.
 */
export function statementAround(inner: Statement, sql: string): Statement {
  const [label = ''] = comment.exec(inner.sql) ?? [];
  const start = label.length + sql.indexOf(inner.sql);
  if (start < label.length) throw new Error(`the statement does not hold ${inner.file}`);
  const origins = inner.origins ?? [{ offset: 0, line: 1, column: 1 }];
  return {
    file: inner.file,
    sql: label + sql,
    bindings: inner.bindings,
    origins: origins.map((origin) => ({ ...origin, offset: origin.offset + start })),
  };
}
