import { Standing } from '/assets/change.js';
import { FaultActions } from '/assets/fault-actions.js';
import { ago, count, instant } from '/assets/format.js';
import { Loaded, Path, Sentence, useData, usePages } from '/assets/parts.js';
import { html } from '/vendor/htm.js';

/** One fault: what is wrong in a sentence, its actions, and which reads show it. */
export function Fault({ pulse, id }) {
  const of = useData(`/api/faults/${encodeURIComponent(id)}`, pulse);
  return html`<h1>Fault</h1><${Loaded} of=${of}>${(row) => html`<${Detail} row=${row} pulse=${pulse} changed=${of.reload} />`}<//>`;
}

function Detail({ row, pulse, changed }) {
  return html`<p class="lead"><${Sentence} text=${row.told} /></p>
    <p><${Standing} row=${row} /> <span class="badge">${row.cause}</span> ${row.fatal ? html`<span class="badge bad">money or identity</span> ` : null}<span class="dim">${row.domain}, <code>${row.id}</code></span></p>
    <${FaultActions} row=${row} changed=${changed} />
    <dl class="figures">${[
      ['where', row.collection === null ? row.route : html`<code>${row.collection}/${row.entity}</code>`],
      ['field', row.field === null ? 'the row as a whole' : html`<code>${row.field}</code>`],
      ['first seen', `${ago(row.firstSeen)}, ${instant(row.firstSeen)}`],
      ['last seen', ago(row.lastSeen)],
      ...(row.updatedBy === null ? [] : [['changed', `by ${row.updatedBy}, ${ago(row.updatedAt)}`]]),
    ].map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    <h2>Reads that show it</h2>
    <div class="scroll" tabindex="0"><table><thead><tr><th scope="col">route</th><th scope="col" class="n">reads</th><th scope="col">the latest</th></tr></thead>
      <tbody>${row.routes.map(({ route, reads, lastMismatch }) => html`<tr><td><${Path} text=${route} /></td><td class="n">${count(reads)}</td><td>${lastMismatch === null ? '' : html`<a href=${`#/mismatch/${lastMismatch}`} aria-label=${`Look at it: the latest read of ${route}`}>look at it</a>`}</td></tr>`)}</tbody></table></div>
    ${row.entity === null ? null : html`<${Repairs} subject=${`${row.collection}/${row.entity}`} pulse=${pulse} />`}`;
}

/** What was done to the row, from the audit trail. */
function Repairs({ subject, pulse }) {
  const list = usePages(`/api/audit?limit=10&subject=${encodeURIComponent(subject)}`, {
    list: 'audit',
    cursor: 'before',
    pulse,
  });
  return html`<h2>Repairs of the row</h2><${Loaded} of=${list} empty=${{ when: (data) => data.audit.length === 0, say: 'None yet.' }}>${(
    data,
  ) =>
    html`<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">when</th><th scope="col">who</th><th scope="col">what</th><th scope="col">reason</th></tr></thead>
      <tbody>${list.rowsOf(data).map((entry) => html`<tr><td class="when">${instant(entry.at)}</td><td>${entry.who}</td><td>${entry.what}${entry.after?.action === undefined ? '' : `: ${entry.after.action}, ${entry.after.result}`}</td><td>${entry.reason ?? ''}</td></tr>`)}</tbody></table></div>${list.moreOf(data, 'Older ones')}`}<//>`;
}
