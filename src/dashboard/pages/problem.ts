import { markup } from '../../report/html/html.ts';
import type { Fault } from '../fault.ts';
import type { Place } from '../place.ts';
import { dashboardPage } from './page.ts';

/** Says what was not done, why, and what to do now. */
export function problemPage(place: Place, { title, what, remedy, code }: Omit<Fault, 'status'>): string {
  return dashboardPage(place, {
    title,
    ...(code === undefined ? {} : { eyebrow: code }),
    main: markup`<div class="alarm" role="alert">
      <p class="lines">${what}</p>
      ${remedy === undefined ? null : markup`<p><strong>Next:</strong> ${remedy}</p>`}
    </div>
    <p><a href="/">Back to the overview</a></p>`,
  });
}
