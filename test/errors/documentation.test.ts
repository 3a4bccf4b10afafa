import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorTable, SegtagError } from '../../src/errors.ts';

const documented = readFileSync('docs/errors.md', 'utf8')
  .split('\n')
  .map((line) => /^\| `(E_\w+)`\s*\| (\d+)\s*\| (yes|no)\s*\| (.*?)\s*\|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, code, exit, retryable, meaning]) => ({ code, exit: Number(exit), retryable: retryable === 'yes', meaning }));

describe('docs/errors.md', () => {
  it('lists every code with its exit code and meaning, and no other', () => {
    const table = Object.entries(errorTable).map(([code, entry]) => Object.assign({ code }, entry));
    expect(documented).toEqual(table);
  });
});

describe('SegtagError', () => {
  it('says where and what, and keeps the cause', () => {
    const cause = new Error('socket hang up');
    const error = new SegtagError('E_CRM_LOST', {
      where: 'connection crm',
      what: 'It broke.',
      remedy: 'Try again.',
      cause,
    });
    expect(error).toMatchObject({ message: 'connection crm  It broke.', exitCode: 4, cause });
  });
});
