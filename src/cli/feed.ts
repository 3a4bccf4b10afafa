import type { Change } from '../staging/tags/feed.ts';
import { formatCount } from './text/numbers.ts';
import { openProject } from './project.ts';
import { formatTable } from './text/table.ts';
import type { Terminal } from './terminal.ts';
import { withStore, type StoreOptions } from './with-staging.ts';

export type ChangesOptions = StoreOptions & {
  readonly since?: number;
  readonly consumer?: string;
  readonly job?: string;
  readonly limit: number;
  readonly showIds?: boolean;
};

/** `segtag changes`: the change feed after a number, or after what a consumer has acknowledged. */
export async function changesCommand(terminal: Terminal, options: ChangesOptions): Promise<number> {
  const { consumer, job, limit } = options;
  const { changes, since } = await withStore(openProject(options), options.connection, async (staging) => {
    const first = async (): Promise<number> =>
      consumer === undefined ? staging.feedFloor(job) : (await staging.consumerPosition(consumer)).position;
    const start = options.since ?? (await first());
    const query = { since: start, limit, ...(job === undefined ? {} : { job }) };
    return { since: start, changes: await staging.readChanges(query) };
  });
  const shown = options.showIds ? changes : changes.map(({ customerId: _, ...change }) => change);
  if (options.json) {
    terminal.print(
      JSON.stringify({ schemaVersion: 1, since, last: changes.at(-1)?.changeSeq ?? since, changes: shown }),
    );
    return 0;
  }
  terminal.print(
    changes.length === 0
      ? `No changes after ${since}.`
      : changeTable(changes, options.showIds ?? false, terminal.width),
  );
  return 0;
}

/** `segtag ack <consumer> <change_seq>`: records how far a consumer has come. */
export async function ackCommand(
  terminal: Terminal,
  consumer: string,
  position: number,
  options: StoreOptions,
): Promise<number> {
  const result = await withStore(openProject(options), options.connection, (staging) =>
    staging.acknowledge(consumer, position),
  );
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, ...result }));
  else
    terminal.print(
      `${consumer} has taken everything up to ${position}; ${formatCount(result.lag)} changes are waiting.`,
    );
  return 0;
}

function changeTable(changes: readonly Change[], showIds: boolean, width: number | undefined): string {
  const titles = ['Seq', 'Job', ...(showIds ? ['Customer'] : []), 'Kind', 'From', 'To', 'Changed at'];
  const columns = titles.map((title) => ({ title, align: title === 'Seq' ? 'right' : 'left' }) as const);
  const rows = changes.map((change) => [
    String(change.changeSeq),
    change.job,
    ...(showIds ? [change.customerId] : []),
    change.kind,
    change.fromSegment ?? '',
    change.toSegment ?? '',
    change.changedAt,
  ]);
  return formatTable(columns, rows, width);
}
