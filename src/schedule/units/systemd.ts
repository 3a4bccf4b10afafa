import { longestSeconds, type Unit, type UnitFile } from './unit.ts';
import { wakesOf, type Wakes } from './wakes.ts';

/** A service that runs what is due of the job, as a user, and the timer that wakes it. */
export function systemdUnits(unit: Unit, user: string): readonly UnitFile[] {
  const name = `segtag-${unit.job}`;
  const path = (kind: string): string => `/etc/systemd/system/${name}.${kind}`;
  return [
    { path: path('service'), text: serviceText(unit, user) },
    { path: path('timer'), text: timerText(unit) },
  ];
}

function serviceText(unit: Unit, user: string): string {
  return `[Unit]
Description=segtag: run ${unit.job} when it is due
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User=${user}
# Secrets, one NAME=value a line; readable for root alone.
EnvironmentFile=-/etc/segtag/environment
ExecStart=${unit.command.map(quoted).join(' ')}
TimeoutStartSec=${longestSeconds(unit)}
# SIGTERM goes to the main process, which passes it on: a second one would cut the run short.
KillMode=mixed
TimeoutStopSec=30
NoNewPrivileges=yes
`;
}

function timerText({ job, schedule }: Unit): string {
  return `[Unit]
Description=segtag: wake ${job} at its times (${schedule.cron}, ${schedule.timezone})

[Timer]
OnCalendar=${calendar(wakesOf(schedule.cron), schedule.timezone)}
AccuracySec=1s
# After downtime it wakes at once; which missed nights are run is up to schedule.catch_up.
Persistent=true

[Install]
WantedBy=timers.target
`;
}

const weekdayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** systemd wants both day and weekday to match, cron either: then it is every day. */
function calendar({ minutes, hours, days, months, weekdays }: Wakes, timezone: string): string {
  const either = days !== null && weekdays !== null;
  const weekday = weekdays === null || either ? '' : `${weekdays.map((value) => weekdayNames[value]).join(',')} `;
  const date = `*-${list(months)}-${either ? '*' : list(days)}`;
  const hour = hours.length === 24 ? '*' : list(hours);
  const minute = minutes.length === 60 ? '*' : list(minutes);
  return `${weekday}${date} ${hour}:${minute}:00 ${timezone}`;
}

function list(values: readonly number[] | null): string {
  return values?.map((value) => String(value).padStart(2, '0')).join(',') ?? '*';
}

/** `%` and `$` have a meaning of their own inside quotes too. */
function quoted(word: string): string {
  const escaped = word
    .replaceAll('\\', '\\\\')
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);
  return `"${escaped.replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
}
