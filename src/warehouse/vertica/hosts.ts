import { randomInt } from 'node:crypto';
import type { VerticaConnection } from '../../job/connections-schema.ts';
import type { Host } from './session.ts';

/** `host` and then the others, or, to spread the sessions, all of them from any one on. */
export function hostsOf({ host, port, backup_hosts = [], load_balance = false }: VerticaConnection): Host[] {
  const others = backup_hosts.map((text) => {
    const [, name = '', itsPort] = /^(.+?)(?::(\d+))?$/.exec(text) ?? [];
    return { host: name.replace(/^\[(.*)\]$/, '$1'), port: itsPort === undefined ? port : Number(itsPort) };
  });
  const hosts = [{ host, port }, ...others];
  const first = load_balance ? randomInt(hosts.length) : 0;
  return [...hosts.slice(first), ...hosts.slice(0, first)];
}
