import { createRequire } from 'node:module';
import pg from 'pg';

const require = createRequire(import.meta.url);
type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Calls `before` ahead of each statement that any staging driver of this process sends. The
 * drivers' own methods are wrapped, so that whatever the code under test does is seen.
 */
export function onEachStatement(before: (sql: string) => void): void {
  wrap(pg.Client.prototype, ['query'], before);
  const mysql = (require('mysql2') as { Connection: { prototype: object } }).Connection;
  wrap(mysql.prototype, ['query', 'execute'], before);
  const libsql = require('libsql') as { prototype: object };
  wrap(libsql.prototype, ['exec', 'prepare'], before);
}

function wrap(prototype: object, names: readonly string[], before: (sql: string) => void): void {
  const methods = prototype as Record<string, Method>;
  for (const name of names) {
    const original = methods[name]!;
    methods[name] = function hooked(...args) {
      before(textOf(args[0]));
      return original.apply(this, args);
    };
  }
}

function textOf(statement: unknown): string {
  if (typeof statement === 'string') return statement;
  const { sql, text } = (statement ?? {}) as { sql?: string; text?: string };
  return sql ?? text ?? '';
}
