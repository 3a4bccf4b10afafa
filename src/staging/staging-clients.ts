import { SegtagError } from '../errors.ts';
import type { Connection } from '../job/connections-schema.ts';

/** Throws E_CONNECTION_CONFIG for an engine that can't be the CRM staging database. */
export function requireStaging(name: string, client: Connection['client']): void {
  if (client === 'vertica' || client === 'duckdb') throw notStaging(`connection "${name}"`, client);
}

/** The refusal of an engine that is no CRM staging database. */
export function notStaging(where: string, client: Connection['client']): SegtagError {
  return new SegtagError('E_CONNECTION_CONFIG', {
    where,
    what: `A ${client} connection can't be the CRM staging database.`,
    remedy: 'Use a connection with client sqlite, postgres or mysql for publish.connection.',
  });
}
