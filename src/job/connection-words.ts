import type { Words } from './words.ts';

const at = 'targets.*.connections.*';
const urlAdvice = 'write client, host, port, database and user each on its own';

/** Other tools' words for what the connections file says. */
export const connectionWords: Words = {
  unsupported: [],
  advice: {
    [`${at}.url`]: urlAdvice,
    [`${at}.uri`]: urlAdvice,
    [`${at}.dsn`]: urlAdvice,
    [`${at}.connectionString`]: urlAdvice,
    [`${at}.pool`]: 'the pool is sized by the service; remove it',
  },
  otherKeys: {
    environments: 'targets',
    profiles: 'targets',
    outputs: 'targets',
    default_target: 'default',
    target: 'default',
    'targets.*.databases': 'connections',
    'targets.*.date': 'as_of',
    [`${at}.type`]: 'client',
    [`${at}.driver`]: 'client',
    [`${at}.engine`]: 'client',
    [`${at}.adapter`]: 'client',
    [`${at}.username`]: 'user',
    [`${at}.login`]: 'user',
    [`${at}.pass`]: 'password',
    [`${at}.pwd`]: 'password',
    [`${at}.hostname`]: 'host',
    [`${at}.server`]: 'host',
    [`${at}.address`]: 'host',
    [`${at}.db`]: 'database',
    [`${at}.dbname`]: 'database',
    [`${at}.ssl`]: 'tls',
    [`${at}.sslmode`]: 'tls',
    [`${at}.tls_mode`]: 'tls',
    [`${at}.schema`]: 'search_path',
    [`${at}.path`]: 'file',
    [`${at}.filename`]: 'file',
    [`${at}.timeout`]: 'connect_timeout_seconds',
  },
  otherValues: {
    postgresql: 'postgres',
    pg: 'postgres',
    redshift: 'postgres',
    mariadb: 'mysql',
    mysql2: 'mysql',
    sqlite3: 'sqlite',
    'vertica-nodejs': 'vertica',
    prefer: 'require',
    verify: 'verify-full',
    none: 'disable',
  },
};
