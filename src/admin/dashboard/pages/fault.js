import { Standing } from '/assets/change.js';
import { FaultActions } from '/assets/fault-actions.js';
import { ago, count, moment } from '/assets/format.js';
import { html } from '/assets/html.js';
import { Loaded, Path, Sentence, useData, usePages } from '/assets/parts.js';
import { Page, Table } from '/assets/table.js';

/** One fault: what is wrong in a sentence, its actions, and which reads show it. */
export function Fault({ pulse, id }) {
  const of = useData(`/api/faults/${encodeURIComponent(id)}`, pulse);
  return html`<h1>Fault</h1><${Loaded} of=${of}>${(row) => html`<${Detail} row=${row} pulse=${pulse} changed=${of.reload} />`}<//>`;
}

function Detail({ row, pulse, changed }) {
  return html`<p class="lead clamp"><${Sentence} text=${row.told} /></p>
    <div class="row"><${Standing} row=${row} /> <span class="badge">${row.cause}</span> ${row.fatal ? html`<span class="badge bad">money or identity</span> ` : null}<span class="dim">${row.domain}, <code>${row.id}</code></span></div>
    <${FaultActions} row=${row} changed=${changed} />
    <dl class="figures">${[
      ['where', row.collection === null ? row.route : html`<code>${row.collection}/${row.entity}</code>`],
      ['field', row.field === null ? 'the row as a whole' : html`<code>${row.field}</code>`],
      ['first seen', `${ago(row.firstSeen)}, ${moment(row.firstSeen)}`],
      ['last seen', ago(row.lastSeen)],
      ...(row.updatedBy === null ? [] : [['changed', `by ${row.updatedBy}, ${ago(row.updatedAt)}`]]),
    ].map(([name, value]) => html`<div><dt>${name}</dt><dd class="clamp">${value}</dd></div>`)}</dl>
    <h2>Reads that show it</h2>
    <${Table} what="route" most=${12} few=${6} rows=${row.routes} columns=${ROUTES} />
    ${row.entity === null ? null : html`<${Repairs} subject=${`${row.collection}/${row.entity}`} pulse=${pulse} />`}`;
}

/** What was done to the row, from the audit trail. */
function Repairs({ subject, pulse }) {
  const list = usePages(`/api/audit?limit=5&subject=${encodeURIComponent(subject)}`, {
    list: 'audit',
    cursor: 'before',
    pulse,
  });
  return html`<h2>Repairs of the row</h2><${Loaded} of=${list} empty=${{ when: (data) => data.audit.length === 0, say: 'None yet.' }}>${(
    data,
  ) => html`<${Page} rows=${list.rowsOf(data)} columns=${REPAIRS} />${list.moreOf(data, 'Older ones')}`}<//>`;
}

const ROUTES = [
  {
    name: 'route',
    head: true,
    kind: 'sentence',
    cell: ({ route }) => html`<span class="clamp"><${Path} text=${route} /></span>`,
  },
  { name: 'reads', kind: 'n inline', cell: ({ reads }) => count(reads) },
  {
    name: 'the latest',
    kind: 'bare inline',
    cell: ({ route, lastMismatch }) =>
      lastMismatch === null
        ? ''
        : html`<a href=${`#/mismatch/${lastMismatch}`} aria-label=${`Look at it: the latest read of ${route}`}>look at it</a>`,
  },
];

const REPAIRS = [
  { name: 'when', head: true, kind: 'when', cell: ({ at }) => moment(at) },
  { name: 'who', cell: ({ who }) => who },
  {
    name: 'what',
    cell: ({ what, after }) => `${what}${after?.action === undefined ? '' : `: ${after.action}, ${after.result}`}`,
  },
  { name: 'reason', cell: ({ reason }) => reason ?? '' },
];
