import { describe, expect, it } from 'vitest';
import { edit, smallProject } from '../support/small-project.ts';
import { stagingEngines } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;

describe('segtag schedule systemd, cron and k8s', () => {
  it('print files that call `run --due` for the job, with its folder and target', async () => {
    const project = smallProject(await sqlite.fresh());
    expect((await project.segtag(['schedule', 'cron'])).stderr).toContain('no job with a schedule');
    edit(project, 'jobs/small.yaml', 'labels:', "schedule: { cron: '0 2 * * *', timezone: Europe/Lisbon }\nlabels:");
    const [systemd, cron, k8s] = await Promise.all(
      ['systemd', 'cron', 'k8s'].map((kind) => project.segtag(['schedule', kind, 'small'])),
    );
    const here = ['-C', project.directory, '--target', 'test', '--log-format', 'json', 'run', 'small', '--due'];
    expect(systemd!.stdout).toContain(here.map((word) => `"${word}"`).join(' '));
    expect(systemd!.stdout).toContain('OnCalendar=*-*-* 02,03:00:00 Europe/Lisbon');
    expect(cron!.stdout).toContain(here.map((word) => `'${word}'`).join(' '));
    expect(k8s!.stdout).toContain('timeZone: Europe/Lisbon');
    expect(k8s!.stdout).toMatch(/- -C\n\s+- \/project\n/);
  });
});
