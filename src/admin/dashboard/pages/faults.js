import { query } from '/assets/api.js';
import { Standing } from '/assets/change.js';
import { FaultActions, Marks } from '/assets/fault-actions.js';
import { ago, counted } from '/assets/format.js';
import { html, useState } from '/assets/html.js';
import { Domains, Loaded, Sentence, usePages } from '/assets/parts.js';
import { Page, usePhone } from '/assets/table.js';

const STATES = ['', 'open', 'returned', 'acknowledged', 'repaired'];

/** What is wrong, one row per fault; faults without an owner come first. */
export function Faults({ pulse, parameters }) {
  const [domain, setDomain] = useState(parameters.get('domain') ?? '');
  const [state, setState] = useState(parameters.get('state') ?? '');
  const list = usePages(`/api/faults${query({ domain, state, limit: usePhone() ? 8 : 15 })}`, {
    list: 'faults',
    cursor: 'after',
    pulse,
  });
  return html`<h1>Faults</h1>
    <div class="filters"><${Domains} value=${domain} onChange=${(event) => setDomain(event.target.value)} />
      <label>State <select value=${state} onChange=${(event) => setState(event.target.value)}>${STATES.map((value) => html`<option value=${value}>${value === '' ? 'all' : value}</option>`)}</select></label></div>
    <${Loaded} of=${list} empty=${{ when: (data) => data.faults.length === 0, say: 'No fault was found. Either all answers agree, or nothing was compared yet: see the overview.' }}>
      ${(data) => html`<${Page} keyOf=${({ id }) => id} rows=${list.rowsOf(data)} columns=${columnsOf(list.reload)} />${list.moreOf(data, 'More faults')}`}
    <//>`;
}

const columnsOf = (changed) => [
  {
    name: 'what is wrong',
    head: true,
    kind: 'sentence',
    cell: (row) => html`<div class="clamp"><${Sentence} text=${row.sentence} /></div><${Marks} row=${row} />`,
  },
  { name: 'state', kind: 'standing bare inline', cell: (row) => html`<${Standing} row=${row} />` },
  {
    name: 'shown by',
    kind: 'when wide',
    cell: ({ reads, routes }) =>
      html`${counted(reads, 'read')}<div class="dim">on ${routes.length === 1 ? 'one route' : counted(routes.length, 'route')}</div>`,
  },
  {
    name: 'seen',
    kind: 'when wide',
    cell: ({ firstSeen, lastSeen }) =>
      html`since ${ago(firstSeen).replace(' ago', '')}<div class="dim">last ${ago(lastSeen)}</div>`,
  },
  { name: 'actions', kind: 'bare inline', cell: (row) => html`<${FaultActions} row=${row} changed=${changed} />` },
];
