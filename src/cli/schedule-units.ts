import { userInfo } from 'node:os';
import { programFile } from '../installation.ts';
import { loadJobs } from '../job/load-job.ts';
import { crontab } from '../schedule/units/crontab.ts';
import { cronJobs } from '../schedule/units/kubernetes.ts';
import { systemdUnits } from '../schedule/units/systemd.ts';
import type { Unit, UnitFile } from '../schedule/units/unit.ts';
import { openProject, type GlobalOptions, type Project } from './project.ts';
import { refuseUnscheduled } from './schedule.ts';
import type { Terminal } from './terminal.ts';

type UnitOptions = GlobalOptions & { readonly image?: string; readonly project?: string };
type Kind = 'systemd' | 'cron' | 'k8s';

/** `segtag schedule systemd|cron|k8s [job]`: what another scheduler needs to run what is due. */
export function scheduleUnitsCommand(
  terminal: Terminal,
  kind: Kind,
  jobName: string | undefined,
  options: UnitOptions,
): number {
  const project = openProject(options);
  const units = unitsOf(project, jobName, (job) => commandOf(kind, project, job, options));
  const files = filesOf(kind, units, options);
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, kind, files }));
  else if (kind === 'systemd')
    terminal.print(
      files
        .map(({ path, text }) => `# ${path}\n${text}`)
        .join('\n')
        .trimEnd(),
    );
  else
    terminal.print(
      files
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    );
  return 0;
}

function filesOf(kind: Kind, units: readonly Unit[], { image = '' }: UnitOptions): readonly UnitFile[] {
  switch (kind) {
    case 'systemd':
      return units.flatMap((unit) => systemdUnits(unit, userInfo().username));
    case 'cron':
      return [{ path: 'crontab', text: crontab(units) }];
    case 'k8s':
      return [{ path: 'segtag.yaml', text: cronJobs(units, image) }];
  }
}

function commandOf(kind: Kind, { directory, target }: Project, job: string, { project = '' }: UnitOptions): string[] {
  const inContainer = kind === 'k8s';
  const program = inContainer ? ['segtag'] : [process.execPath, ...process.execArgv, programFile('main')];
  const folder = inContainer ? project : directory;
  return [...program, '-C', folder, '--target', target.name, '--log-format', 'json', 'run', job, '--due'];
}

function unitsOf(project: Project, jobName: string | undefined, command: (job: string) => string[]): Unit[] {
  const units = loadJobs(project.directory, jobName === undefined ? undefined : [jobName]).flatMap(({ job }) => {
    const { schedule, ready } = job;
    return schedule ? [{ job: job.job, schedule, command: command(job.job), waitMs: ready?.wait_up_to ?? 0 }] : [];
  });
  if (units.length > 0) return units;
  return refuseUnscheduled(
    jobName === undefined ? 'jobs/' : `jobs/${jobName}.yaml`,
    'There is no job with a schedule.',
  );
}
