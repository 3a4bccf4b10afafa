import { SegtagError, type ErrorCode } from '../errors.ts';

/** What a diagnosis looks at, in the order in which it does. */
type StepName =
  | 'settings'
  | 'file'
  | 'disk'
  | 'hosts'
  | 'dns'
  | 'tcp'
  | 'tls'
  | 'login'
  | 'clock'
  | 'version'
  | 'schema'
  | 'grants'
  | 'keys'
  | 'feed'
  | 'alerts'
  | 'local_infile';

/** One thing that a diagnosis looked at; what isn't in order says what to do next. */
export type Step = {
  readonly step: StepName;
  readonly state: 'passed' | 'warned' | 'failed';
  readonly detail: string;
  readonly next?: string;
  readonly code?: ErrorCode;
};

/** What was found: a sentence, or a sentence and what should be done about it. */
export type Finding = string | { readonly detail: string; readonly next: string };

/** Takes one step and keeps its outcome. Resolves to false when it failed; a bug is thrown on. */
export type TakeStep = (step: StepName, work: () => Promise<Finding>) => Promise<boolean>;

/** Runs a diagnosis and returns its steps. */
export async function diagnose(work: (take: TakeStep) => Promise<unknown>): Promise<readonly Step[]> {
  const steps: Step[] = [];
  await work(async (step, look) => {
    try {
      const found = await look();
      steps.push(
        typeof found === 'string' ? { step, state: 'passed', detail: found } : { step, state: 'warned', ...found },
      );
      return true;
    } catch (error) {
      if (!(error instanceof SegtagError)) throw error;
      steps.push({ step, state: 'failed', detail: error.what, next: error.remedy, code: error.code });
      return false;
    }
  });
  return steps;
}
