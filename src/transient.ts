/** What the network, the drivers and Knex's pool report when a connection was refused, cut or not made in time. */
const networkCodes = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
]);

/** Connection lost, serialization failure, deadlock, lock not granted, too many connections, shutting down or starting. */
const sqlStates = /^(08...|40001|40P01|55P03|55V03|53300|57P0[123])$/;

/** The same as MySQL and MariaDB number them. */
const mysqlNumbers = new Set([1040, 1053, 1203, 1205, 1213, 1927, 2006, 2013]);

/** SQLITE_BUSY and SQLITE_LOCKED. */
const sqliteCodes = new Set([5, 6]);

/** Drivers give no code when the connection ends under them. Knex puts the statement in front of their words. */
const broken =
  /(^| - )(Connection terminated|Connection lost|timeout expired|Client has encountered a connection error)|closed state$/;

type DriverError = Error & {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly rawCode?: unknown;
  readonly errors?: readonly unknown[];
};

/**
 * Whether a driver's error says that the same step may succeed when it is repeated shortly. A list of
 * what may be repeated: anything that is not on it, such as a missing grant or a refused row, is not.
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errno, rawCode, errors, name, message } = error as DriverError;
  if (typeof rawCode === 'number') return sqliteCodes.has(rawCode & 0xff);
  if (typeof errno === 'number' && errno > 0) return mysqlNumbers.has(errno);
  if (typeof code === 'string') return networkCodes.has(code) || sqlStates.test(code);
  return name === 'KnexTimeoutError' || broken.test(message) || (errors?.some(isTransient) ?? false);
}
