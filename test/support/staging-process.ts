import { openStaging, type Staging } from '../../src/staging/staging.ts';

// A process of its own for tests: migrates or updates, and prints what came of it.
const [file = '', deed = ''] = process.argv.slice(2);
try {
  const staging = await openStaging({ name: 'crm', target: 'test', config: { client: 'sqlite', file } });
  try {
    const said =
      deed === 'migrate' ? await migrated(staging) : await staging.updateRun('r1', { counts: { touched: 1 } });
    process.stdout.write(String(said));
  } finally {
    await staging.close();
  }
} catch (error) {
  process.stdout.write(error instanceof Error && 'code' in error ? String(error.code) : String(error));
}

async function migrated(staging: Staging): Promise<number> {
  return (await staging.migrate(['segment_tag'])).applied.length;
}
