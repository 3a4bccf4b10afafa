import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';
import type { Column } from '../../src/frame/column.ts';
import type { TestEngine } from './engines.ts';
import { failureOf, readOnce, readSql, withWarehouse } from './reading.ts';
import { soonMs } from '../support/patience.ts';

/** Time limits, aborts, progress and memory: what shows only while a read is under way. */
export function describeInterruptions(engine: TestEngine): void {
  const { it, series } = engine;
  // Minutes everywhere, so that whoever only waits for its end is found out.
  const slow = `SELECT COUNT(*) AS n FROM ${series(1_000_000)}, (SELECT i AS j FROM ${series(100_000)}) AS other WHERE MOD(i * j, 7) = 3`;
  const endless = `SELECT i, MOD(i, 7) AS few FROM ${series(1_000_000_000)}`;

  it('cancels a query that runs longer than its limit', async () => {
    const started = performance.now();
    const error = await failureOf(readOnce(engine, slow, { timeoutMs: 1000 }));
    expect(error.code).toBe('E_WAREHOUSE_TIMEOUT');
    expect(error.message).toContain('1 s');
    expect(performance.now() - started).toBeLessThan(soonMs);
  });

  it('cancels a result that keeps coming after its limit', async () => {
    const error = await failureOf(readOnce(engine, endless, { timeoutMs: 1000 }));
    expect(error.code).toBe('E_WAREHOUSE_TIMEOUT');
  });

  it('stops computing when it is aborted, and rejects with the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('interrupted from the keyboard');
    setTimeout(() => controller.abort(reason), 300);
    const started = performance.now();
    await expect(readOnce(engine, slow, { signal: controller.signal })).rejects.toBe(reason);
    expect(performance.now() - started).toBeLessThan(soonMs);
  });

  it('stops in the middle of the rows when it is aborted', async () => {
    const controller = new AbortController();
    const reason = new Error('interrupted from the keyboard');
    const progress: number[] = [];
    const onProgress = (rows: number): void => {
      progress.push(rows);
      if (progress.length === 2) controller.abort(reason);
    };
    await expect(readOnce(engine, endless, { signal: controller.signal, onProgress })).rejects.toBe(reason);
    expect(progress[0]).toBeGreaterThan(0);
    expect(progress[1]).toBeGreaterThan(progress[0]!);
  });

  it('does not start when it was aborted before', async () => {
    const reason = new Error('interrupted from the keyboard');
    const started = performance.now();
    await expect(readOnce(engine, slow, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(performance.now() - started).toBeLessThan(soonMs);
  });

  it('reports progress, and reads a million rows in little more memory than their columns', async () => {
    const sql = `SELECT 'C' || ${engine.digits('i + 1000000')} AS id, i AS number, MOD(i, 7) AS few,
      CAST(i AS NUMERIC(18,2)) / 100 AS money, CASE WHEN MOD(i, 2) = 0 THEN 'even' ELSE 'odd' END AS word
      FROM ${series(1_000_000)}`;
    // The columns take 40 bytes a row; while they are put together, up to twice that is in use.
    const mostBytes = 2 * 40 * 1_000_000 + 16e6;
    const collect = garbageCollector();
    await withWarehouse(engine, async (warehouse) => {
      await readSql(warehouse, sql.replace('1000000)', '1000)'), { idColumn: 'id' });
      collect();
      const before = inUse();
      const tooMuch = new AbortController();
      let calls = 0;
      const measure = (): void => {
        if (tooMuch.signal.aborted || inUse() - before < mostBytes) return;
        collect();
        if (inUse() - before > mostBytes) tooMuch.abort(new Error('the read takes more memory than its columns'));
      };
      const frame = await readSql(warehouse, sql, {
        idColumn: 'id',
        signal: tooMuch.signal,
        onProgress() {
          calls++;
          measure();
        },
      });
      measure();
      expect(frame.rowCount).toBe(1_000_000);
      expect(calls).toBeGreaterThan(0);
      expect(tooMuch.signal.aborted).toBe(false);
      const size = [...frame.columns.values()].reduce((sum, column) => sum + bytesOf(column), 0);
      await new Promise(setImmediate);
      collect();
      expect(inUse() - before).toBeLessThan(size * 1.2 + 4e6);
    });
  });
}

function inUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Two passes: memory outside the heap is given back by finalizers of the first. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return () => {
    collect();
    collect();
  };
}

function bytesOf(column: Column): number {
  switch (column.kind) {
    case 'text':
      return column.codes.byteLength;
    case 'id':
      return column.bytes.byteLength + column.offsets.byteLength;
    default:
      return column.values.byteLength;
  }
}
