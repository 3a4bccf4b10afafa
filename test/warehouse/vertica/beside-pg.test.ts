import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const pg = "const pg = await import('pg');";
const vertica = "await import('./src/warehouse/vertica/driver.ts');";
/** Type 16 is boolean to PostgreSQL and numeric to Vertica; its driver would put its own parser there. */
const look =
  "process.stdout.write(JSON.stringify([16, 17, 20].map((oid) => String(pg.default.types.getTypeParser(oid)('t')))));";

function parsersAfter(...lines: readonly string[]): string[] {
  const code = lines.join('\n');
  const output = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    encoding: 'utf8',
  });
  return JSON.parse(output) as string[];
}

describe("PostgreSQL's driver in the process of Vertica's", () => {
  it('reads types as if it were alone, whichever is loaded first', () => {
    const alone = parsersAfter(pg, look);
    expect(alone[0]).toBe('true');
    expect(parsersAfter(pg, vertica, look)).toEqual(alone);
    expect(parsersAfter(vertica, pg, look)).toEqual(alone);
  });
});
