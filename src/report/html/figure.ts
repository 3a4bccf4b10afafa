import type { Chart } from '../charts/chart.ts';
import { markup, type Html } from './html.ts';
import { tableHtml } from './table.ts';

/** A chart with its title, how to read it, and the same as a table. */
export function figureHtml(chart: Chart, drawings: readonly Html[]): Html {
  const { id, title, description, table } = chart;
  return markup`<figure id="${id}" aria-labelledby="${id}-title">
    <figcaption>
      <h3 id="${id}-title">${title}</h3>
      <p>${description}</p>
    </figcaption>
    ${drawings}
    <details>
      <summary>Show as a table</summary>
      ${tableHtml(table, { withTitle: false })}
    </details>
  </figure>`;
}
