import { describe } from 'vitest';
import type { TestEngine } from './engines.ts';
import { describeInterruptions } from './reader-interruptions.ts';
import { describeBindings, describeContract, describeRefusals } from './reader-rules.ts';
import { describeCalendar, describeNumbers, describeTexts } from './reader-values.ts';

/** What every engine's reader promises. */
export function describeReader(engine: TestEngine): void {
  describe(`the ${engine.name} reader`, () => {
    describeNumbers(engine);
    describeCalendar(engine);
    describeTexts(engine);
    describeContract(engine);
    describeBindings(engine);
    describeRefusals(engine);
    describeInterruptions(engine);
  });
}
