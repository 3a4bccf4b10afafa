import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AlertRecord, StoredMessage } from '../../staging/alerts.ts';
import type { AlertStore } from './teller.ts';

type Contents = {
  readonly alerts: Readonly<Record<string, Readonly<Record<string, AlertRecord>>>>;
  readonly messages: readonly StoredMessage[];
};

const nothing: Contents = { alerts: {}, messages: [] };

/**
 * Alerts in a file of the project, for the time in which the staging database is out of reach. It is gone
 * when nothing is left in it. Hosts don't share it: each tells for itself.
 */
export function alertFile(projectDir: string, target: string): AlertStore & { isEmpty(): boolean } {
  const path = join(projectDir, 'var', `alerts-${target.replaceAll(/[^\w-]/g, '_')}.json`);
  const change = (edit: (contents: Contents) => Contents): void => write(path, edit(read(path)));
  return {
    isEmpty: () => isEmpty(read(path)),
    async changeAlert({ job, alert }, decide) {
      change(({ alerts, messages }) => {
        const next = decide(alerts[job]?.[alert] ?? null);
        return {
          alerts: { ...alerts, [job]: { ...alerts[job], [alert]: next.record } },
          messages: [...messages, ...next.messages],
        };
      });
    },
    async activeAlerts(job) {
      const { alerts } = read(path);
      return Object.entries(alerts).flatMap(([name, records]) =>
        Object.entries(records)
          .filter(([, { sinceMs }]) => sinceMs !== null && (job ?? name) === name)
          .map(([alert, record]) => ({ job: name, alert, ...record })),
      );
    },
    pendingMessages: async (job) => read(path).messages.filter((message) => message.job === job),
    claimMessage: async () => true,
    releaseMessage: async () => {},
    async settleMessage(sent) {
      change(({ alerts, messages }) => ({
        alerts,
        messages: messages.filter(({ id, channel }) => id !== sent.id || channel !== sent.channel),
      }));
    },
  };
}

function isEmpty({ alerts, messages }: Contents): boolean {
  const records = Object.values(alerts).flatMap((each) => Object.values(each));
  return messages.length === 0 && records.every(({ sinceMs }) => sinceMs === null);
}

function read(path: string): Contents {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Contents;
  } catch {
    return nothing;
  }
}

function write(path: string, contents: Contents): void {
  if (isEmpty(contents)) return rmSync(path, { force: true });
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, JSON.stringify(contents));
  renameSync(draft, path);
}
