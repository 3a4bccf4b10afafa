import { createRequire } from 'node:module';
import pg from 'pg';

const require = createRequire(import.meta.url);
type Before = (sql: string, connection: unknown) => string | void;
type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Calls `before` ahead of each statement that any staging driver of this process sends. A statement that
 * it returns is sent instead; what it throws is what SQLite's driver then throws, which is the only one
 * that may throw there. The drivers' own methods are wrapped, so that whatever the code under test does
 * is seen.
 */
export function onEachStatement(before: Before): void {
  wrap(pg.Client.prototype, ['query'], before);
  const mysql = (require('mysql2') as { Connection: { prototype: object } }).Connection;
  wrap(mysql.prototype, ['query', 'execute'], before);
  const libsql = require('libsql') as { prototype: object };
  wrap(libsql.prototype, ['exec', 'prepare'], before);
}

function wrap(prototype: object, names: readonly string[], before: Before): void {
  const methods = prototype as Record<string, Method>;
  for (const name of names) {
    const original = methods[name]!;
    methods[name] = function hooked(statement, ...rest) {
      const instead = before(textOf(statement), this);
      return original.call(this, instead === undefined ? statement : withText(statement, instead), ...rest);
    };
  }
}

/** The same statement with another text and no values; drivers hold on to the object, so it is changed in place. */
function withText(statement: unknown, text: string): unknown {
  if (typeof statement === 'string') return text;
  const object = statement as { sql?: string; text?: string; values?: unknown };
  if (object.sql === undefined) object.text = text;
  else object.sql = text;
  if (object.values) object.values = [];
  return object;
}

function textOf(statement: unknown): string {
  if (typeof statement === 'string') return statement;
  const { sql, text } = (statement ?? {}) as { sql?: string; text?: string };
  return sql ?? text ?? '';
}
