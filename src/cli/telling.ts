import { join } from 'node:path';
import { fillText } from '../job/fill-references.ts';
import type { LoadedJob } from '../job/load-job.ts';
import { resolveMetrics, resolveSmtp } from '../job/resolve-notify.ts';
import { silentLogger } from '../logger.ts';
import { channelsOf } from '../notify/channels.ts';
import type { Teller, Telling } from '../pipeline/telling/teller.ts';
import type { Project } from './project.ts';
import type { Terminal } from './terminal.ts';

/** Whom a job of the project tells. Secrets are looked up when something is sent: one that is missing stops no run. */
export function tellingOf({ connections, target, surroundings }: Project, loaded: LoadedJob): Telling {
  const { locate } = loaded;
  return {
    channels: channelsOf(loaded, {
      smtp: () => resolveSmtp(connections, target.name, surroundings),
      fill: (text, path) => fillText(text, { path, locate, surroundings }),
    }),
    metrics: () => resolveMetrics(connections, target.name, surroundings),
  };
}

/** Tells of what a person has decided. */
export function tellerFor(terminal: Terminal, project: Project, loaded: LoadedJob): Teller {
  return {
    loaded,
    target: project.target.name,
    telling: tellingOf(project, loaded),
    reportFolder: join(project.directory, 'reports'),
    now: () => new Date(),
    log: silentLogger,
    note: (text) => terminal.say(text),
  };
}
