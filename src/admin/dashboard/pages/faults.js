import { query } from '/assets/api.js';
import { Standing } from '/assets/change.js';
import { FaultActions } from '/assets/fault-actions.js';
import { ago, count } from '/assets/format.js';
import { Domains, Loaded, Sentence, usePages } from '/assets/parts.js';
import { html, useState } from '/vendor/htm.js';

const STATES = ['', 'open', 'returned', 'acknowledged', 'repaired'];

/** What is wrong, one row per fault; faults without an owner come first. */
export function Faults({ pulse, parameters }) {
  const [domain, setDomain] = useState(parameters.get('domain') ?? '');
  const [state, setState] = useState(parameters.get('state') ?? '');
  const list = usePages(`/api/faults${query({ domain, state, limit: 20 })}`, {
    list: 'faults',
    cursor: 'after',
    pulse,
  });
  return html`<h1>Faults</h1>
    <div class="filters"><${Domains} value=${domain} onChange=${(event) => setDomain(event.target.value)} />
      <label>State <select value=${state} onChange=${(event) => setState(event.target.value)}>${STATES.map((value) => html`<option value=${value}>${value === '' ? 'all' : value}</option>`)}</select></label></div>
    <${Loaded} of=${list} empty=${{ when: (data) => data.faults.length === 0, say: 'No fault was found. Either all answers agree, or nothing was compared yet: see the overview.' }}>
      ${(
        data,
      ) => html`<div class="scroll" tabindex="0"><table class="cards"><thead><tr><th scope="col">what is wrong</th><th scope="col">state</th><th scope="col">shown by</th><th scope="col">seen</th><th scope="col">actions</th></tr></thead>
        <tbody>${list.rowsOf(data).map(
          (row) => html`<tr key=${row.id}>
          <th scope="row" class="sentence"><${Sentence} text=${row.sentence} /><div><span class="badge">${row.cause}</span> ${row.fatal ? html`<span class="badge bad">money or identity</span> ` : null}<span class="dim">${row.domain}, <a href=${`#/fault/${row.id}`}><code>${row.id}</code></a></span></div></th>
          <td data-label="state"><${Standing} row=${row} /></td>
          <td data-label="shown by" class="when wide">${count(row.reads)} ${row.reads === 1 ? 'read' : 'reads'}<div class="dim">on ${row.routes.length === 1 ? 'one route' : `${row.routes.length} routes`}</div></td>
          <td data-label="seen" class="when wide">since ${ago(row.firstSeen).replace(' ago', '')}<div class="dim">last ${ago(row.lastSeen)}</div></td>
          <td data-label="actions"><${FaultActions} row=${row} changed=${list.reload} /></td></tr>`,
        )}</tbody></table></div>${list.moreOf(data, 'More faults')}`}
    <//>`;
}
