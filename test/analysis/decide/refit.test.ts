import { describe, expect, it } from 'vitest';
import { refitIsDue } from '../../../src/analysis/decide/refit.ts';
import { parseDay } from '../../../src/frame/day.ts';

describe('refitIsDue', () => {
  it.each([
    ['nightly', '2026-06-30', '2026-06-30', true],
    ['weekly', '2026-06-30', '2026-07-06', false],
    ['weekly', '2026-06-30', '2026-07-07', true],
    ['monthly', '2026-06-01', '2026-06-30', false],
    ['monthly', '2026-06-30', '2026-07-01', true],
    ['monthly', '2025-06-30', '2026-06-30', true],
    ['never', '2020-01-01', '2026-06-30', false],
  ] as const)('%s, fitted on %s, says on %s: %s', (refit, fittedOn, asOf, due) => {
    expect(refitIsDue(refit, parseDay(fittedOn), parseDay(asOf))).toBe(due);
  });
});
