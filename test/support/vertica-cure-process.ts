import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cures } from '../../src/warehouse/vertica/cures.ts';
import { driverWith } from '../../src/warehouse/vertica/driver.ts';
import { cureScenarios, loginTo } from '../warehouse/vertica/cure-scenarios.ts';
import { startVerticaWire } from './vertica-wire/server.ts';

// Some defects end the process, so each cure that is taken out, by its number, has a process; without a number all are in.
const left = process.argv[2] === undefined ? undefined : Number(process.argv[2]);
const driver = driverWith(cures.filter((_, i) => i !== left));
for (const [i, scenario] of cureScenarios.entries()) {
  if (left !== undefined && left !== i) continue;
  const wire = await startVerticaWire();
  const client = driver.createClient(loginTo(wire));
  await client.connect();
  await scenario({ driver, wire, client, secretFile: join(tmpdir(), `segtag-cure-${process.pid}`) });
  console.log(`held ${i}`);
}
process.exit(0);
