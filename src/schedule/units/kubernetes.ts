import { stringify } from 'yaml';
import { sha256 } from '../../job/hash.ts';
import { longestSeconds, type Unit } from './unit.ts';
import { cronFields, wakesOf } from './wakes.ts';

/** CronJobs of batch/v1, one document each, that wake the jobs at their times. */
export function cronJobs(units: readonly Unit[], image: string): string {
  return units
    .map((unit) => stringify(cronJob(unit, image), { lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n');
}

function cronJob(unit: Unit, image: string): object {
  const { job, schedule, command } = unit;
  const name = resourceName(job);
  const labels = { 'app.kubernetes.io/name': 'segtag', 'app.kubernetes.io/instance': name };
  const container = {
    name: 'segtag',
    image,
    command,
    envFrom: [{ secretRef: { name: 'segtag', optional: true } }],
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: scratch.map(({ name, mountPath }) => ({ name, mountPath })),
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, labels },
    spec: {
      schedule: cronFields(wakesOf(schedule.cron)),
      timeZone: schedule.timezone,
      // The next wake finds what a running one has not taken.
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 3600,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          backoffLimit: 0,
          activeDeadlineSeconds: longestSeconds(unit),
          template: {
            metadata: { labels },
            spec: {
              restartPolicy: 'Never',
              terminationGracePeriodSeconds: 30,
              automountServiceAccountToken: false,
              securityContext: {
                runAsNonRoot: true,
                runAsUser: imageUser,
                fsGroup: imageUser,
                seccompProfile: { type: 'RuntimeDefault' },
              },
              containers: [container],
              volumes: scratch.map(({ name }) => ({ name, emptyDir: {} })),
            },
          },
        },
      },
    },
  };
}

/** The user of the image. */
const imageUser = 1000;

/** What a run writes beside the databases; the pod takes it along when it goes. */
const scratch = [
  { name: 'tmp', mountPath: '/tmp' },
  { name: 'var', mountPath: '/project/var' },
  { name: 'reports', mountPath: '/project/reports' },
] as const;

const longestName = 52;

/** A DNS label, which has no underscore and leaves room for what Kubernetes appends. */
function resourceName(job: string): string {
  const name = `segtag-${job.replaceAll('_', '-')}`;
  if (name.length <= longestName && !name.endsWith('-')) return name;
  return `${name.slice(0, longestName - 9)}-${sha256(job).slice(0, 8)}`;
}
