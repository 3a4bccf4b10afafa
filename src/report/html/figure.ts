import type { Chart } from '../charts/chart.ts';
import { markup, type Html } from './html.ts';
import { keyOf, tableHtml } from './table.ts';

/** A chart with its title, how to read it, and the same as a table. */
export function figureHtml(chart: Chart, drawings: readonly Html[]): Html {
  const { id, title, description, legend, table } = chart;
  return markup`<figure id="${id}" aria-labelledby="${id}-title">
    <figcaption>
      <h3 id="${id}-title">${title}</h3>
      <p>${description}</p>
    </figcaption>
    ${legend && legendHtml(legend)} ${drawings}
    <details>
      <summary>Show as a table</summary>
      ${tableHtml(table)}
    </details>
  </figure>`;
}

function legendHtml(segments: NonNullable<Chart['legend']>): Html {
  return markup`<ul class="legend">
    ${segments.map(({ place, name }) => markup`<li>${keyOf(place)}${name}</li>`)}
  </ul>`;
}
