import { openSocket } from '../diagnosis/network.ts';
import { diagnose, type Finding, type Step } from '../diagnosis/steps.ts';
import type { LoadedJob } from '../job/load-job.ts';
import type { Channel } from '../notify/channels.ts';
import { SendFailure } from '../notify/send-failure.ts';
import type { Project } from './project.ts';
import { tellingOf } from './telling.ts';

const timeoutMs = 5000;

/** Whether each channel of each job has its secrets, and a server that answers. Nothing is sent, and no address is shown. */
export function examineAlerts(project: Project, jobs: readonly LoadedJob[]): Promise<readonly Step[]> {
  return diagnose(async (take) => {
    for (const loaded of jobs)
      for (const channel of tellingOf(project, loaded).channels)
        await take('alerts', () => look(`${loaded.job.job} ${channel.name}`, channel));
  });
}

async function look(name: string, channel: Channel): Promise<Finding> {
  try {
    const server = channel.server();
    (await openSocket({ ...server, timeoutMs, unreachable: 'E_CRM_UNREACHABLE' })).destroy();
    return `${name}: its secrets are there, and its server answers`;
  } catch (error) {
    const why = error instanceof SendFailure ? error.message : 'its server does not answer';
    if (!(error instanceof SendFailure) && !isUnreachable(error)) throw error;
    return {
      detail: `${name}: ${why}, so that nobody is told`,
      next: 'Correct the address, or let this machine through.',
    };
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'E_CRM_UNREACHABLE';
}
