import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contractText, withContract } from '../../src/job/contract-text.ts';
import { readYaml } from '../../src/job/yaml-text.ts';

const contract = { id: 'text', 'days since': 'number', null: 'money' } as const;
const line = '{ id: text, "days since": number, "null": money }';

function contractIn(text: string): unknown {
  const { value } = readYaml({ file: 'jobs/x.yaml', text, shown: text });
  return (value as { source: { columns: unknown } }).source.columns;
}

describe('a contract written to a job file', () => {
  it.each([
    [
      'stands below the id where there was none',
      'source: # where from\n  customer_id: id # the id\n  params: { days: 3 }\nfeatures: {}\n',
      `source: # where from\n  customer_id: id # the id\n  columns: ${line}\n  params: { days: 3 }\nfeatures: {}\n`,
    ],
    [
      'stands beside the id on its line',
      'source: { customer_id: id, params: { days: 3 } } # all of it\n',
      `source: { customer_id: id, columns: ${line}, params: { days: 3 } } # all of it\n`,
    ],
    [
      'takes the place of the one on the line',
      'source:\n  columns: { id: text, old: date } # the contract\n  customer_id: id\n',
      `source:\n  columns: ${line} # the contract\n  customer_id: id\n`,
    ],
    [
      'takes the place of the one line by line',
      'source:\n  customer_id: id\n  columns: # the contract\n    id: text\n    old: date\n# what follows\nfeatures: {}\n',
      'source:\n  customer_id: id\n  columns: # the contract\n    id: text\n    "days since": number\n    "null": money\n# what follows\nfeatures: {}\n',
    ],
    [
      'ends a file that ends without a line break',
      'source:\n  customer_id: id',
      `source:\n  customer_id: id\n  columns: ${line}`,
    ],
  ])('%s', (_, text, expected) => {
    expect(withContract({ file: 'jobs/x.yaml', text }, contract)).toBe(expected);
  });

  it('changes nothing where it says so already', () => {
    const text = `source: { customer_id: id, columns: ${contractText(contract)} }\n`;
    expect(withContract({ file: 'jobs/x.yaml', text }, contract)).toBe(text);
  });

  it('reads back as it was, whatever the names', () => {
    const names = fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => name !== '__proto__');
    fc.assert(
      fc.property(fc.dictionary(names, fc.constantFrom('text', 'number', 'date'), { minKeys: 1 }), (columns) => {
        for (const text of ['source: { customer_id: id }\n', 'source:\n  customer_id: id\n  columns:\n    id: text\n'])
          expect(contractIn(withContract({ file: 'jobs/x.yaml', text }, columns))).toEqual(columns);
      }),
    );
  });
});
