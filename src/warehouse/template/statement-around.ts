import type { Statement } from '../warehouse.ts';

const comment = /^\/\* segtag .*? \*\/ /;

/**
 * A generated statement with another one inside it, once and unchanged: it has the other's bindings, an error in the
 * inner part is told at its place in the file, and the comment that names job and run goes in front. Question
 * marks around it are text.
 */
export function statementAround(inner: Statement, sql: string): Statement {
  const [label = ''] = comment.exec(inner.sql) ?? [];
  const around = sql.split(inner.sql).map((text) => text.replaceAll('?', String.raw`\?`));
  if (around.length !== 2) throw new Error(`the statement does not hold ${inner.file} once`);
  const start = label.length + around[0]!.length;
  const origins = inner.origins ?? [{ offset: 0, line: 1, column: 1 }];
  return {
    file: inner.file,
    sql: label + around.join(inner.sql),
    bindings: inner.bindings,
    origins: origins.map((origin) => ({ ...origin, offset: origin.offset + start })),
  };
}
