import { join } from 'node:path';
import { diskSpace } from '../diagnosis/disk.ts';
import { diagnose, type Step } from '../diagnosis/steps.ts';
import { errorTable } from '../errors.ts';
import { loadJobs, type LoadedJob } from '../job/load-job.ts';
import { diagnoseStaging } from '../staging/diagnose.ts';
import { diagnoseWarehouse } from '../warehouse/diagnose.ts';
import { chooseAsOf } from './as-of.ts';
import { examineAlerts } from './doctor-alerts.ts';
import { jobStatements } from './job-statements.ts';
import { openProject, type GlobalOptions, type Project } from './project.ts';
import type { Terminal } from './terminal.ts';

/** What was looked at: a connection in one of its two roles, or what stands around all of them. */
type Examined = {
  readonly name: string;
  readonly role: 'warehouse' | 'crm' | 'machine' | 'project' | 'alerts';
  readonly steps: readonly Step[];
};

/** `segtag doctor`: this machine, the jobs, and each connection of the target in each role that a job gives it. */
export async function doctorCommand(terminal: Terminal, options: GlobalOptions): Promise<number> {
  const project = openProject(options);
  const jobs: LoadedJob[] = [];
  const examined: Examined[] = [
    { name: 'this machine', role: 'machine', steps: await machine(project) },
    { name: 'jobs', role: 'project', steps: await jobFiles(project, jobs) },
  ];
  for (const name of project.target.connections.keys()) examined.push(...(await examine(project, jobs, name)));
  const alerts = await examineAlerts(project, jobs);
  if (alerts.length > 0) examined.push({ name: 'alerts', role: 'alerts', steps: alerts });
  report(terminal, options, { target: project.target.name, examined });
  return worstExit(examined);
}

/** `segtag connections test <name>`: the same for one connection. */
export async function testConnectionCommand(terminal: Terminal, name: string, options: GlobalOptions): Promise<number> {
  const project = openProject(options);
  const jobs: LoadedJob[] = [];
  await jobFiles(project, jobs);
  const examined = await examine(project, jobs, name);
  report(terminal, options, { target: project.target.name, examined });
  return worstExit(examined);
}

function machine({ directory }: Project): Promise<readonly Step[]> {
  return diagnose(async (take) => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    await take('version', async () => `Node.js ${process.versions.node}, time zone ${zone}`);
    await take('disk', async () => diskSpace(join(directory, 'var', 'any')));
  });
}

function jobFiles({ directory }: Project, jobs: LoadedJob[]): Promise<readonly Step[]> {
  return diagnose((take) =>
    take('settings', async () => {
      jobs.push(...loadJobs(directory));
      return `${jobs.map(({ job }) => job.job).join(', ')} can be read`;
    }),
  );
}

async function examine(project: Project, jobs: readonly LoadedJob[], name: string): Promise<Examined[]> {
  const client = project.client(name);
  const readers = jobs.filter(({ job }) => job.source.connection === name);
  const writers = jobs.filter(({ job }) => job.publish.connection === name);
  const isCrm = writers.length > 0 || client === 'sqlite';
  const examined: Examined[] = [];
  if (readers.length > 0 || !isCrm)
    examined.push({ name, role: 'warehouse', steps: await examineWarehouse(project, readers, name) });
  if (isCrm) examined.push({ name, role: 'crm', steps: await examineStaging(project, writers, name) });
  return examined;
}

const now = (): number => Date.now();

async function examineWarehouse(
  project: Project,
  readers: readonly LoadedJob[],
  name: string,
): Promise<readonly Step[]> {
  return withSettings(async () => {
    const statements = readers.flatMap(
      (loaded) => jobStatements(project, loaded, chooseAsOf(project, loaded, undefined, new Date())).statements,
    );
    return diagnoseWarehouse(project.connection(name), { statements, now });
  });
}

async function examineStaging(project: Project, writers: readonly LoadedJob[], name: string): Promise<readonly Step[]> {
  return withSettings(async () => {
    const tables = [...new Set(writers.map(({ job }) => job.publish.table))];
    return diagnoseStaging(project.connection(name), { tables, now });
  });
}

/** A secret that is missing, or a template that can't be read, is a failed step of its own. */
async function withSettings(look: () => Promise<readonly Step[]>): Promise<readonly Step[]> {
  const found: Step[] = [];
  const settings = await diagnose((take) =>
    take('settings', async () => {
      found.push(...(await look()));
      return 'every setting is filled in';
    }),
  );
  return [...settings, ...found];
}

const marks = { passed: '✓', warned: '!', failed: '✗' } as const;

function report(
  terminal: Terminal,
  { json }: GlobalOptions,
  { target, examined }: { readonly target: string; readonly examined: readonly Examined[] },
): void {
  if (json) {
    terminal.print(JSON.stringify({ schemaVersion: 1, target, exit: worstExit(examined), examined }));
    return;
  }
  for (const { name, role, steps } of examined) {
    terminal.print(role === 'warehouse' || role === 'crm' ? `${name} (${role}, target ${target})` : name);
    for (const { step, state, detail, next } of steps) {
      terminal.print(`  ${marks[state]} ${step.padEnd(12)}  ${detail}`);
      if (next !== undefined) terminal.print(`    ${' '.repeat(12)}  Next: ${next}`);
    }
  }
  terminal.print(verdict(examined.flatMap(({ steps }) => steps)));
}

function verdict(steps: readonly Step[]): string {
  const count = (state: Step['state']): number => steps.filter((step) => step.state === state).length;
  const [failed, warned] = [count('failed'), count('warned')];
  if (failed === 0) return warned === 0 ? 'All is well.' : `Nothing fails; ${warned} to look at. Nothing was written.`;
  return `${failed} failed, ${warned} to look at. Nothing was written.`;
}

/** What can't go away by itself (exit 2 and its like) is worse than what may (exit 4). */
function worstExit(examined: readonly Examined[]): number {
  const codes = examined.flatMap(({ steps }) => steps.flatMap(({ code }) => code ?? []));
  const [worst] = codes.toSorted((a, b) => Number(errorTable[a].retryable) - Number(errorTable[b].retryable));
  return worst === undefined ? 0 : errorTable[worst].exit;
}
