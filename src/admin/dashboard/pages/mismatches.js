import { query } from '/assets/api.js';
import { ago, count } from '/assets/format.js';
import { html, useState } from '/assets/html.js';
import { Domains, Loaded, Path, usePages } from '/assets/parts.js';
import { Page, usePhone } from '/assets/table.js';

const CAUSES = ['', 'known_gap', 'missing_row', 'extra_row', 'data_drift', 'twin_logic', 'unknown'];

export function Mismatches({ parameters }) {
  const [filter, setFilter] = useState({
    domain: parameters.get('domain') ?? '',
    route: parameters.get('route') ?? '',
    fingerprint: parameters.get('fingerprint') ?? '',
    cause: '',
  });
  const path = `/api/mismatches${query({ ...filter, limit: usePhone() ? 12 : 20 })}`;
  const list = usePages(path, { list: 'mismatches', cursor: 'before' });
  const set = (name) => (event) => setFilter({ ...filter, [name]: event.target.value });
  return html`<h1>Mismatches</h1>
    <div class="filters"><${Domains} value=${filter.domain} onChange=${set('domain')} />
      <label>Route <input class="wide" value=${filter.route} onChange=${set('route')} placeholder="all" /></label>
      <label>Fingerprint <input value=${filter.fingerprint} onChange=${set('fingerprint')} placeholder="all" /></label>
      <label>Cause <select value=${filter.cause} onChange=${set('cause')}>${CAUSES.map((cause) => html`<option value=${cause}>${cause === '' ? 'all' : cause}</option>`)}</select></label></div>
    <${Loaded} of=${list} empty=${{ when: (data) => data.mismatches.length === 0, say: 'No mismatch fits the filter.' }}>
      ${(data) => html`<${Page} keyOf=${({ id }) => id} rows=${list.rowsOf(data)} columns=${COLUMNS} />${list.moreOf(data, 'Older ones')}`}
    <//>`;
}

const COLUMNS = [
  {
    name: 'request',
    head: true,
    kind: 'sentence',
    cell: (row) =>
      html`<a class="clamp short" href=${`#/mismatch/${encodeURIComponent(row.id)}`}><${Path} text=${`${row.request.method} ${row.request.target}`} /></a>`,
  },
  {
    name: 'first difference',
    kind: 'bare inline',
    cell: ({ paths, differenceCount, fatal }) =>
      html`<span class="clamp"><${Path} text=${paths[0] || '(whole body)'} />${differenceCount > 1 ? html` <span class="dim">and ${count(differenceCount - 1)} more</span>` : null}${fatal ? html` <span class="badge bad">money or identity</span>` : null}</span>`,
  },
  { name: 'cause', kind: 'bare inline', cell: ({ cause }) => html`<span class="badge">${cause}</span>` },
  { name: 'when', kind: 'when bare inline', cell: ({ at }) => ago(at) },
  {
    name: 'fingerprint',
    kind: 'when wide',
    cell: ({ fingerprint }) => html`<a href=${`#/mismatches${query({ fingerprint })}`}><code>${fingerprint}</code></a>`,
  },
];
