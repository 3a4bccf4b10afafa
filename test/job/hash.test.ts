import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, sameJson, sha256 } from '../../src/job/hash.ts';

describe('canonicalJson', () => {
  it('sorts keys at every depth and spells numbers in one way', () => {
    const value = { b: [1.0, -0, 1e21, 0.1], a: { z: undefined, y: null, x: 'é"' } };
    expect(canonicalJson(value)).toBe('{"a":{"x":"é\\"","y":null,"z":null},"b":[1,0,1e+21,0.1]}');
  });

  it('gives back the same value, and the same text for any order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const text = canonicalJson(value);
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonicalJson(reversed)).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it.each([Number.NaN, Infinity, 1n, new Date(0), new Map()])('refuses what JSON cannot say exactly (%s)', (value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });
});

/** Another spelling of the same number. */
function respell(value: number): string {
  return value % 10 === 0 ? `${value / 10}e1` : `${value}.00`;
}

describe('sameJson', () => {
  const scores = fc.dictionary(fc.string({ minLength: 1 }), fc.integer({ min: -1e6, max: 1e6 }), { minKeys: 1 });

  it('sees no change in the order of keys or in 1 against 1.0', () => {
    fc.assert(
      fc.property(scores, (values) => {
        const respelled = Object.entries(values)
          .toReversed()
          .map(([key, value]) => `${JSON.stringify(key)} : ${respell(value)}`);
        expect(sameJson(JSON.stringify(values), `{ ${respelled.join(', ')} }`)).toBe(true);
      }),
    );
  });

  it('sees every change of a value', () => {
    fc.assert(
      fc.property(scores, fc.nat(), (values, pick) => {
        const keys = Object.keys(values);
        const key = keys[pick % keys.length]!;
        const changed = Object.fromEntries(
          Object.entries(values).map(([name, value]) => [name, name === key ? value + 1 : value]),
        );
        expect(sameJson(JSON.stringify(values), JSON.stringify(changed))).toBe(false);
      }),
    );
  });
});

describe('sha256', () => {
  it('agrees with the published value for "abc"', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
