import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Chunks } from '../../src/frame/chunks.ts';

it('gives back what was written, whatever the sizes of the runs', () => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 200_000 })), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(sizes, (runs) => {
      const chunks = new Chunks((length) => new Uint32Array(length));
      let next = 0;
      for (const size of runs) {
        chunks.makeRoom(size);
        for (let i = 0; i < size; i++) chunks.chunk[chunks.used++] = next++;
        expect(chunks.length).toBe(next);
      }
      const joined = chunks.join();
      expect([joined.length, joined.every((value, i) => value === i)]).toEqual([next, true]);
    }),
    { numRuns: 30 },
  );
});
