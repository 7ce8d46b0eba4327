import { query } from '/assets/api.js';
import { ago, count } from '/assets/format.js';
import { Domains, Loaded, usePages } from '/assets/parts.js';
import { html, useState } from '/vendor/htm.js';

const CAUSES = ['', 'known_gap', 'missing_row', 'extra_row', 'data_drift', 'twin_logic', 'unknown'];

export function Mismatches({ parameters }) {
  const [filter, setFilter] = useState({
    domain: parameters.get('domain') ?? '',
    route: parameters.get('route') ?? '',
    fingerprint: parameters.get('fingerprint') ?? '',
    cause: '',
  });
  const path = `/api/mismatches${query({ ...filter, limit: 30 })}`;
  const list = usePages(path, { list: 'mismatches', cursor: 'before' });
  const set = (name) => (event) => setFilter({ ...filter, [name]: event.target.value });
  return html`<h1>Mismatches</h1>
    <div class="filters"><${Domains} value=${filter.domain} onChange=${set('domain')} />
      <label>Route <input class="wide" value=${filter.route} onChange=${set('route')} placeholder="all" /></label>
      <label>Fingerprint <input value=${filter.fingerprint} onChange=${set('fingerprint')} placeholder="all" /></label>
      <label>Cause <select value=${filter.cause} onChange=${set('cause')}>${CAUSES.map((cause) => html`<option value=${cause}>${cause === '' ? 'all' : cause}</option>`)}</select></label></div>
    <${Loaded} of=${list} empty=${{ when: (data) => data.mismatches.length === 0, say: 'No mismatch fits the filter.' }}>
      ${(data) => {
        const rows = list.rowsOf(data);
        return html`<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">when</th><th scope="col">request</th><th scope="col">first difference</th><th scope="col">cause</th><th scope="col">fingerprint</th></tr></thead>
          <tbody>${rows.map(
            (
              row,
            ) => html`<tr><td class="when"><a href=${`#/mismatch/${encodeURIComponent(row.id)}`}>${ago(row.at)}</a></td>
            <td><code>${row.request.method} ${row.request.target}</code></td><td><code>${row.paths[0] || '(whole body)'}</code>${row.differenceCount > 1 ? html` <span class="dim">and ${count(row.differenceCount - 1)} more</span>` : null}${row.fatal ? html` <span class="badge bad">money or identity</span>` : null}</td>
            <td>${row.cause}</td><td class="when"><a href=${`#/mismatches${query({ fingerprint: row.fingerprint })}`}><code>${row.fingerprint}</code></a></td></tr>`,
          )}</tbody></table></div>
          ${list.moreOf(data, 'Older ones')}`;
      }}
    <//>`;
}
