import { spawnSync } from 'node:child_process';
import type { Matrix } from '../src/analysis/matrix.ts';
import { sayAbsent } from './say.ts';

/** The first of the usual Pythons that can import a module. */
const interpreters = [process.env['PYTHON'], 'python3', '/usr/bin/python3'].filter((name) => name !== undefined);
let interpreter = 'python3';

/** Whether a Python can import a module; says so where none can, so that no ratio is missed in silence. */
export function hasPython(module: string): boolean {
  const found = pythonWith(module);
  interpreter = found ?? interpreter;
  return found !== undefined;
}

/** The first Python that can import these modules. */
export function pythonWith(modules: string): string | undefined {
  const found = interpreters.find((name) => spawnSync(name, ['-c', `import ${modules}`]).status === 0);
  if (found === undefined) sayAbsent(modules, 'no Python can import it, not compared with');
  return found;
}

/** Runs a script that reads the matrix (and what is appended to it) as doubles from stdin and prints one JSON value. */
export function python<Result>(script: string, matrix: Matrix, appended: Float64Array = new Float64Array()): Result {
  const bytes = Buffer.concat([bytesOf(matrix.values), bytesOf(appended)]);
  const args = ['-W', 'ignore', '-c', `${prelude}\n${script}`, String(matrix.rowCount), String(matrix.columnCount)];
  const { status, stdout, stderr } = spawnSync(interpreter, args, { input: bytes, encoding: 'utf8', maxBuffer: 1e7 });
  if (status !== 0) throw new Error(`the peer failed: ${stderr.slice(-500)}`);
  return JSON.parse(stdout) as Result;
}

/** The fastest of three, or of so many, as the peer measures itself too. */
export async function fastest<Result>(
  run: () => Promise<Result> | Result,
  rounds = 3,
): Promise<{ ms: number; result: Result }> {
  let best: { ms: number; result: Result } | undefined;
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    const result = await run();
    const ms = performance.now() - started;
    if (!best || ms < best.ms) best = { ms, result };
  }
  return best!;
}

const prelude = `
import sys, json, time, numpy
n, d = int(sys.argv[1]), int(sys.argv[2])
read = numpy.frombuffer(sys.stdin.buffer.read()).copy()
x, rest = read[:n * d].reshape(n, d), read[n * d:]
def fastest(f, rounds=3):
    best = None
    for _ in range(rounds):
        t = time.perf_counter(); result = f(); ms = (time.perf_counter() - t) * 1000
        if best is None or ms < best[0]: best = (ms, result)
    return best
`;

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
