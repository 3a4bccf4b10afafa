import { describe } from 'vitest';
import { columnOf } from '../../src/frame/frame.ts';
import { printMatrixLine } from '../support/matrix.ts';
import type { TestEngine } from './engines.ts';
import { describeInterruptions } from './reader-interruptions.ts';
import { describeBindings, describeContract, describeRefusals } from './reader-rules.ts';
import { describeCalendar, describeNumbers, describeTexts } from './reader-values.ts';

/** What every engine's reader promises. */
export function describeReader(engine: TestEngine): void {
  describe(`the ${engine.name} reader`, () => {
    printMatrixLine('readers', engine.name, () => versionOf(engine));
    describeNumbers(engine);
    describeCalendar(engine);
    describeTexts(engine);
    describeContract(engine);
    describeBindings(engine);
    describeRefusals(engine);
    describeInterruptions(engine);
  });
}

async function versionOf(engine: TestEngine): Promise<string> {
  const warehouse = await engine.open();
  try {
    const frame = await warehouse.read(
      { file: 'version.sql', sql: 'SELECT version() AS version', bindings: [] },
      { timeoutMs: 60_000 },
    );
    const { dictionary } = columnOf(frame, 'version', 'text');
    return (dictionary[0] ?? '').split(' (')[0]!;
  } finally {
    await warehouse.close();
  }
}
