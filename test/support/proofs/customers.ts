import type { Customer } from '../small-project.ts';
import type { StagingDatabase } from '../staging-databases.ts';
import type { Random } from './seeds.ts';

/** Customers by id: those of few days since the last purchase are recent, all others long gone. */
export type Source = ReadonlyMap<string, 'recent' | 'gone'>;

/** Sixty of them, half of each. */
export const sixty: Source = new Map(
  Array.from({ length: 60 }, (_, i) => [`C${String(i).padStart(3, '0')}`, i % 2 === 0 ? 'recent' : 'gone'] as const),
);

/** The rows that a warehouse would return for them. */
export function rowsOf(source: Source): Customer[] {
  return [...source].map(([id, segment]) => {
    const spread = [...id].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 997, 7);
    return [id, (segment === 'recent' ? 10 : 500) + (spread % 60), 100 + (spread % 50)] as const;
  });
}

/** As many customers as asked move, leave or enter; at least twenty of each segment stay. */
export function changed(source: Source, random: Random, count: number): Source {
  const next = new Map(source);
  for (let n = 0; n < count; n++) {
    const id = random.pick([...next.keys()]);
    const segment = next.get(id)!;
    const rare = [...next.values()].filter((each) => each === segment).length <= 20;
    const deed = rare ? 'enter' : random.pick(['move', 'move', 'leave', 'enter'] as const);
    if (deed === 'move') next.set(id, segment === 'recent' ? 'gone' : 'recent');
    if (deed === 'leave') next.delete(id);
    if (deed === 'enter') next.set(`N${String(random.below(40)).padStart(3, '0')}`, random.pick(['recent', 'gone']));
  }
  return next;
}

/** Who is active in which segment of the job, as the tags say. */
export async function activeIn(database: StagingDatabase): Promise<Map<string, string>> {
  const rows = await database.query(
    "select customer_id, segment from segment_tag where job = 'small' and state = 'active' order by customer_id",
  );
  return new Map(rows.map(({ customer_id: id, segment }) => [String(id), String(segment)]));
}

/** The same in the order of `activeIn`, for comparison. */
export function sorted(source: Source): Map<string, string> {
  return new Map([...source].sort(([left], [right]) => (left < right ? -1 : 1)));
}
