import { openStaging, type Staging } from '../staging/staging.ts';
import type { GlobalOptions, Project } from './project.ts';

/** Options of commands that look into a CRM staging database. */
export type StoreOptions = GlobalOptions & { readonly connection: string };

/** Opens a connection of the project's target as staging for some work, and closes it whatever happens. */
export async function withStaging<Result>(
  project: Project,
  connection: string,
  work: (staging: Staging) => Promise<Result>,
): Promise<Result> {
  const staging = await openStaging(project.connection(connection));
  try {
    return await work(staging);
  } finally {
    await staging.close();
  }
}

/** The same for commands that read or write the service's own tables: these must be there. */
export function withStore<Result>(
  project: Project,
  connection: string,
  work: (staging: Staging) => Promise<Result>,
): Promise<Result> {
  return withStaging(project, connection, async (staging) => {
    await staging.requireMigrated();
    return work(staging);
  });
}
