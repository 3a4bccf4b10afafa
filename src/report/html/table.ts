import { csvOf } from '../csv.ts';
import { cellText, type Table } from '../table.ts';
import { markup, type Html } from './html.ts';

/** A table in a box of its own that scrolls where the page is too narrow, with its CSV file as a link. */
export function tableHtml(table: Table): Html {
  if (!table.isFolded) return openTable(table);
  return markup`<details class="folded">
    <summary>${table.title}</summary>
    ${openTable(table)}
  </details>`;
}

function openTable(table: Table): Html {
  const { id, title, columns, rows, segmentOfRow } = table;
  return markup`<div class="scroll" role="region" tabindex="0" aria-labelledby="table-${id}">
      <table>
        <caption id="table-${id}">${title}</caption>
        <thead>
          <tr>
            ${columns.map(({ title, kind }) => markup`<th scope="col" class="${kind}">${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (cells, row) =>
              markup`<tr>
                ${cells.map((cell, i) => {
                  const { kind } = columns[i]!;
                  const text = cellText(cell, kind);
                  if (i > 0) return markup`<td class="${kind}">${text}</td>`;
                  return markup`<th scope="row" class="${kind}">${keyOf(segmentOfRow?.[row])}${text}</th>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="csv">
      <a download="${id}.csv" href="data:text/csv;charset=utf-8,${encodeURIComponent(csvOf(table))}"
        >Download as CSV<span class="unseen">: ${title}</span></a
      >
    </p>`;
}

/** The number of a segment on its colour. */
export function keyOf(place: number | null | undefined): Html | null {
  return place === null || place === undefined ? null : markup`<span class="key k${place % 12}">${place + 1}</span> `;
}
