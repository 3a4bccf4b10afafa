import { openStaging } from '../../src/staging/staging.ts';

// A process of its own for tests: migrates or inserts, and prints what came of it.
const [file = '', deed = ''] = process.argv.slice(2);
try {
  const staging = await openStaging({ name: 'crm', target: 'test', config: { client: 'sqlite', file } });
  if (deed === 'migrate') process.stdout.write(`${(await staging.migrate(['segment_tag'])).applied.length}`);
  else process.stdout.write(`${await staging.updateRun('r1', { counts: { touched: 1 } })}`);
  await staging.close();
} catch (error) {
  process.stdout.write(error instanceof Error && 'code' in error ? String(error.code) : String(error));
}
