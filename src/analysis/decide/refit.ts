import { formatDay, type Day } from '../../frame/day.ts';
import type { Refit } from '../../job/schema/parts.ts';

/** Whether the centroids may move tonight. Weeks and months count from the night of the last fit. */
export function refitIsDue(refit: Refit, fittedOn: Day, asOf: Day): boolean {
  switch (refit) {
    case 'nightly':
      return true;
    case 'weekly':
      return Math.abs(asOf - fittedOn) >= 7;
    case 'monthly':
      return formatDay(asOf).slice(0, 7) !== formatDay(fittedOn).slice(0, 7);
    case 'never':
      return false;
  }
}
