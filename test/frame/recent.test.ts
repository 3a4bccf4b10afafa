import { expect, test } from 'vitest';
import { createRecent } from '../../src/frame/recent.ts';

test('what was set or asked for lately is remembered, and what nobody asks for is forgotten', () => {
  const recent = createRecent<number, string>(3);
  recent.set(0, 'asked for');
  recent.set(1, 'not asked for');
  for (let key = 2; key < 1_000; key++) {
    recent.set(key, `${key}`);
    expect(recent.get(0)).toBe('asked for');
    expect(recent.get(key)).toBe(`${key}`);
  }
  expect(recent.get(1)).toBeUndefined();
  expect(recent.get(500)).toBeUndefined();
  const remembered = Array.from({ length: 1_000 }, (_, key) => recent.get(key)).filter((value) => value !== undefined);
  expect(remembered.length).toBeLessThanOrEqual(6);
});
