import { metricsText } from '../notify/metrics.ts';
import { collectMetrics } from '../pipeline/telling/collect-metrics.ts';
import { openProject } from './project.ts';
import type { Terminal } from './terminal.ts';
import { withStore, type StoreOptions } from './with-staging.ts';

/** `segtag metrics`: what the run store says of every job, in Prometheus text form. */
export async function metricsCommand(terminal: Terminal, options: StoreOptions): Promise<number> {
  const metrics = await withStore(openProject(options), options.connection, (staging) =>
    collectMetrics(staging, new Date()),
  );
  const values = metrics.filter(({ samples }) => samples.length > 0);
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, metrics: values }));
  else terminal.print((await metricsText(metrics)).trimEnd());
  return 0;
}
