import type { LoadedJob } from '../../job/load-job.ts';
import type { AlertCondition, MetricsOutput } from '../../job/schema/notify.ts';
import type { Logger } from '../../logger.ts';
import type { Sighting } from '../../notify/alert-state.ts';
import type { Channel } from '../../notify/channels.ts';
import type { AlertFacts } from '../../notify/message.ts';
import type { Staging } from '../../staging/staging.ts';

/** Whom a job tells, and where metrics go; `metrics` throws where a secret is missing. */
export type Telling = { readonly channels: readonly Channel[]; readonly metrics: () => MetricsOutput };

/** What remembers alerts and keeps messages: the staging database, or a file while that is out of reach. */
export type AlertStore = Pick<
  Staging,
  'changeAlert' | 'activeAlerts' | 'pendingMessages' | 'claimMessage' | 'releaseMessage' | 'settleMessage'
>;

/** A look at one condition of a job, with what a message says of it. */
export type Seen = Sighting &
  Pick<AlertFacts, 'code' | 'stage' | 'what' | 'next'> & { readonly condition: AlertCondition };

export type Teller = {
  readonly loaded: LoadedJob;
  readonly target: string;
  readonly telling: Telling;
  readonly now: () => Date;
  readonly log: Logger;
  /** Where runs have written their reports; absent where none are written. */
  readonly reportFolder?: string;
  /** For a person who watches: what could not be told. */
  readonly note?: (text: string) => void;
};
