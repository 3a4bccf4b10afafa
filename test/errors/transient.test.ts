import { describe, expect, it } from 'vitest';
import { isTransient } from '../../src/transient.ts';

function failing(fields: Record<string, unknown>, message = 'it failed'): Error {
  return Object.assign(new Error(message), fields);
}

describe('a failure that may be gone when the step is repeated', () => {
  it.each([
    ['a refused connection', failing({ code: 'ECONNREFUSED', errno: -111 })],
    ['a reset connection', failing({ code: 'ECONNRESET' })],
    ['a connection that timed out', failing({ code: 'ETIMEDOUT' })],
    ['one of several addresses that refused', failing({ errors: [failing({ code: 'ECONNREFUSED' })] })],
    ['PostgreSQL: deadlock', failing({ code: '40P01' })],
    ['PostgreSQL: serialization failure', failing({ code: '40001' })],
    ['PostgreSQL: lock not granted in time', failing({ code: '55P03' })],
    ['PostgreSQL: shutting down', failing({ code: '57P01' })],
    ['PostgreSQL: connection gone, behind the statement', failing({}, 'select 1 - Connection terminated unexpectedly')],
    ['Vertica: lock time-out', failing({ code: '55V03' })],
    ['MariaDB: deadlock', failing({ code: 'ER_LOCK_DEADLOCK', errno: 1213, sqlState: '40001' })],
    ['MariaDB: lock wait time-out', failing({ code: 'ER_LOCK_WAIT_TIMEOUT', errno: 1205 })],
    ['MySQL: connection gone', failing({ code: 'PROTOCOL_CONNECTION_LOST', fatal: true })],
    ['SQLite: busy, extended', failing({ code: 'SQLITE_BUSY_SNAPSHOT', rawCode: 517 })],
  ])('%s', (_, error) => expect(isTransient(error)).toBe(true));
});

describe('a failure that stays', () => {
  it.each([
    ['a name that no DNS server knows', failing({ code: 'ENOTFOUND' })],
    ['a certificate', failing({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })],
    ['PostgreSQL: password', failing({ code: '28P01' })],
    ['PostgreSQL: grant', failing({ code: '42501' })],
    ['PostgreSQL: unique violation', failing({ code: '23505' })],
    ['PostgreSQL: disk full', failing({ code: '53100' })],
    ['PostgreSQL: cancelled by somebody', failing({ code: '57014' })],
    ['MariaDB: grant', failing({ code: 'ER_TABLEACCESS_DENIED_ERROR', errno: 1142, sqlState: '42000' })],
    ['MariaDB: duplicate', failing({ code: 'ER_DUP_ENTRY', errno: 1062 })],
    ['SQLite: read-only', failing({ code: 'SQLITE_READONLY', rawCode: 8 })],
    ['a bug', new TypeError('undefined is not a function')],
    ['no error at all', 'ECONNRESET'],
  ])('%s', (_, error) => expect(isTransient(error)).toBe(false));
});
