import { query } from '/assets/api.js';
import { Change, Standing } from '/assets/change.js';
import { ago, count } from '/assets/format.js';
import { html, useState } from '/assets/html.js';
import { Domains, Loaded, Path, usePages } from '/assets/parts.js';
import { Page, usePhone } from '/assets/table.js';

const STATES = [
  ['open', 'open'],
  ['fixed', 'fixed: if a read shows it again, it is open again'],
];

export function Fingerprints({ pulse, parameters }) {
  const [domain, setDomain] = useState(parameters.get('domain') ?? '');
  const [state, setState] = useState('');
  const [sort, setSort] = useState('weight');
  const [chosen, choose] = useState(null);
  const list = usePages(`/api/fingerprints${query({ domain, state, sort, limit: usePhone() ? 8 : 15 })}`, {
    list: 'fingerprints',
    cursor: 'after',
    pulse,
  });
  return html`<h1>Fingerprints</h1>
    <div class="filters"><${Domains} value=${domain} onChange=${(event) => setDomain(event.target.value)} />
      <label>State <select value=${state} onChange=${(event) => setState(event.target.value)}>${['', 'open', 'acknowledged', 'fixed'].map((value) => html`<option value=${value}>${value === '' ? 'all' : value}</option>`)}</select></label>
      <label>Sorted by <select value=${sort} onChange=${(event) => setSort(event.target.value)}><option value="weight">weight</option><option value="last">last seen</option></select></label></div>
    <${Loaded} of=${list} empty=${{ when: (data) => data.fingerprints.length === 0, say: 'No difference was found. Either all answers agree, or nothing was compared yet: see the overview.' }}>
      ${(data) => html`<${Page} keyOf=${({ id }) => id} rows=${list.rowsOf(data)} columns=${columnsOf(choose)} />${list.moreOf(data, 'More fingerprints')}`}
    <//>
    ${
      chosen === null
        ? null
        : html`<${Change} title=${html`Fingerprint <code>${chosen.id}</code>`} path=${`/api/fingerprints/${encodeURIComponent(chosen.id)}`} states=${STATES} row=${chosen} done=${(
            changed,
          ) => {
            choose(null);
            if (changed) list.reload();
          }} />`
    }`;
}

const columnsOf = (choose) => [
  {
    name: 'fingerprint',
    head: true,
    cell: ({ id }) => html`<a href=${`#/mismatches${query({ fingerprint: id })}`}><code>${id}</code></a>`,
  },
  { name: 'route', kind: 'bare', cell: ({ route }) => html`<span class="clamp"><${Path} text=${route} /></span>` },
  {
    name: 'kinds and paths',
    kind: 'bare',
    cell: ({ sample, fatal }) =>
      html`${sample.slice(0, 3).map((part) => html`<div class="clamp"><${Path} text=${part.path} /> ${part.kind}</div>`)}${fatal ? html`<span class="badge bad">money or identity</span>` : null}`,
  },
  { name: 'cause', kind: 'bare inline', cell: ({ cause }) => html`<span class="badge">${cause ?? 'unknown'}</span>` },
  { name: 'times', kind: 'n inline', cell: (row) => count(row.count) },
  { name: 'trend, 24 h', kind: 'wide', cell: ({ trend }) => html`<${Trend} counts=${trend} />` },
  { name: 'first', kind: 'when wide', cell: ({ firstSeen }) => ago(firstSeen) },
  { name: 'last', kind: 'when wide', cell: ({ lastSeen }) => ago(lastSeen) },
  {
    name: 'state',
    kind: 'standing bare inline',
    cell: (row) =>
      html`<${Standing} row=${row}>${row.regressed ? html` <span class="badge bad">came back</span>` : null}${row.updatedBy === null ? null : html`<div class="dim">by ${row.updatedBy}, ${ago(row.updatedAt)}</div>`}<//>`,
  },
  {
    name: 'actions',
    kind: 'bare inline',
    cell: (row) =>
      html`${row.others ? html`<span class="dim">all further ones of this route</span> ` : null}<button class="small outline" onClick=${() => choose(row)} aria-label=${`Change… ${row.id}`}>Change…</button>`,
  },
];

function Trend({ counts }) {
  const most = Math.max(1, ...counts);
  const told = `${count(counts.reduce((sum, n) => sum + n, 0))} in 24 hours`;
  return html`<svg width="96" height="20" role="img" aria-label=${told}><title>${told}</title>${counts.map((n, at) => html`<rect x=${at * 4} width="3" y=${20 - (n / most) * 20} height=${(n / most) * 20} fill="currentColor" />`)}</svg>`;
}
