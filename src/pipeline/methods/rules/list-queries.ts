import { matchAssignment } from '../../../analysis/sql/compute/matches.ts';
import type { RulesSegments } from '../../../job/rules/schema.ts';
import { listCustomerQueries, type ListedQuery, type Listing } from '../warehouse/listed-query.ts';

/** The queries of `matchInWarehouse`, in their order. */
export function listMatchQueries(listing: Listing, { rules }: RulesSegments): ListedQuery[] {
  const { rows, columns, types, customers } = listing;
  return [
    ...listCustomerQueries(listing),
    {
      purpose: 'each customer with its rule',
      times: 1,
      rows: customers,
      cells: columns.length + 1,
      sql: matchAssignment(rows, { rules, columns, types }),
    },
  ];
}
