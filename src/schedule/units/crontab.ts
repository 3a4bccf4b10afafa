import { SegtagError } from '../../errors.ts';
import type { Unit } from './unit.ts';
import { cronFields, wakesOf } from './wakes.ts';

const head = `# segtag: what is due is decided by each job's schedule; cron only wakes it.
# CRON_TZ is read by cronie, the cron of Red Hat, SUSE, Arch and others. Debian's cron ignores it: there wake each
# job every fifteen minutes instead (*/15 * * * *), or use \`segtag schedule systemd\`.
# Secrets come from the environment: set them above, or name files in config/connections.yaml.
`;

/** A crontab that wakes each job at its times, in the time zone of the job. What a run says goes to syslog. */
export function crontab(units: readonly Unit[]): string {
  return head + units.map(linesOf).join('');
}

function linesOf({ job, schedule, command }: Unit): string {
  const line = [...command.map(quoted), '2>&1', '|', 'logger', '-t', `segtag-${job}`].join(' ');
  return `
# ${job}: ${schedule.cron}, ${schedule.timezone}
CRON_TZ=${schedule.timezone}
${cronFields(wakesOf(schedule.cron))} ${line}
`;
}

/** For a POSIX shell, and then for cron, which takes a bare `%` for the end of the line. */
function quoted(word: string): string {
  if (word.includes('\n'))
    throw new SegtagError('E_USAGE', {
      what: `${JSON.stringify(word)} cannot be written in a crontab: it has a line break.`,
      remedy: 'Rename the folder, or use `segtag schedule systemd`.',
    });
  return `'${word.replaceAll("'", String.raw`'\''`)}'`.replaceAll('%', String.raw`\%`);
}
