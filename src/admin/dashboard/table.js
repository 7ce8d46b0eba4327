/** Tables: on a phone each row is a card, and what is beyond the first rows waits behind a button. */

import { counted } from '/assets/format.js';
import { html, useEffect, useState } from '/assets/html.js';

const PHONE = '(max-width: 700px)';

/** Whether the window is as narrow as a phone; follows a window that is made narrower. */
export function usePhone() {
  const [phone, setPhone] = useState(matchMedia(PHONE).matches);
  useEffect(() => {
    const width = matchMedia(PHONE);
    const changed = () => setPhone(width.matches);
    width.addEventListener('change', changed);
    // The window may have changed since the first look, before anybody listened.
    changed();
    return () => width.removeEventListener('change', changed);
  }, []);
  return phone;
}

/**
 * `columns`: `{ name, cell }`, and where it holds: `head`, the cell that names the row; `kind`, classes of its cells (`n` a
 * figure; `bare` without its name on a phone, `inline` beside the one before it there, `wide` not there at all). Only the
 * first `most` rows are shown, on a phone `few`; `what` names the rest on the button.
 */
export function Table({ columns, rows, most = 10, few = Math.min(6, most), what = 'row', rowClass, keyOf, label }) {
  const [all, showAll] = useState(false);
  const first = usePhone() ? few : most;
  const shown = all ? rows : rows.slice(0, first);
  const rest = rows.length - first;
  return html`<div class="scroll" tabindex="0"><table class="cards">${label === undefined ? null : html`<caption class="aside">${label}</caption>`}
      <thead><tr>${columns.map(({ name, kind }) => html`<th scope="col" class=${kind}>${name}</th>`)}</tr></thead>
      <tbody>${shown.map((row) => html`<tr key=${keyOf?.(row)} class=${rowClass?.(row)}>${columns.map((column) => cellOf(column, row))}</tr>`)}</tbody></table></div>
    ${rest > 0 ? html`<button class="small outline more" aria-expanded=${all} onClick=${() => showAll(!all)}>${all ? `Only the first ${first}` : `Show ${counted(rest, `more ${what}`)}`}</button>` : null}`;
}

const cellOf = ({ name, kind, head, cell }, row) =>
  head
    ? html`<th scope="row" class=${kind}>${cell(row)}</th>`
    : html`<td data-label=${name} class=${kind}>${cell(row)}</td>`;

/** All rows that a paging list has. */
export const Page = (properties) => html`<${Table} ...${properties} most=${Infinity} few=${Infinity} />`;
