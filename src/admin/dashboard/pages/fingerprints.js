import { query } from '/assets/api.js';
import { Change, Standing } from '/assets/change.js';
import { ago, count } from '/assets/format.js';
import { Domains, Loaded, Path, usePages } from '/assets/parts.js';
import { html, useState } from '/vendor/htm.js';

const STATES = [
  ['open', 'open'],
  ['fixed', 'fixed: if a read shows it again, it is open again'],
];

export function Fingerprints({ pulse, parameters }) {
  const [domain, setDomain] = useState(parameters.get('domain') ?? '');
  const [state, setState] = useState('');
  const [sort, setSort] = useState('weight');
  const [chosen, choose] = useState(null);
  const list = usePages(`/api/fingerprints${query({ domain, state, sort, limit: 20 })}`, {
    list: 'fingerprints',
    cursor: 'after',
    pulse,
  });
  return html`<h1>Fingerprints</h1>
    <div class="filters"><${Domains} value=${domain} onChange=${(event) => setDomain(event.target.value)} />
      <label>State <select value=${state} onChange=${(event) => setState(event.target.value)}>${['', 'open', 'acknowledged', 'fixed'].map((value) => html`<option value=${value}>${value === '' ? 'all' : value}</option>`)}</select></label>
      <label>Sorted by <select value=${sort} onChange=${(event) => setSort(event.target.value)}><option value="weight">weight</option><option value="last">last seen</option></select></label></div>
    <${Loaded} of=${list} empty=${{ when: (data) => data.fingerprints.length === 0, say: 'No difference was found. Either all answers agree, or nothing was compared yet: see the overview.' }}>
      ${(
        data,
      ) => html`<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">fingerprint</th><th scope="col">route</th><th scope="col">kinds and paths</th><th scope="col">cause</th><th scope="col" class="n">times</th><th scope="col">trend, 24 h</th><th scope="col">first</th><th scope="col">last</th><th scope="col">state</th><th scope="col">actions</th></tr></thead>
        <tbody>${list.rowsOf(data).map(
          (row) => html`<tr>
          <th scope="row"><a href=${`#/mismatches${query({ fingerprint: row.id })}`}><code>${row.id}</code></a></th>
          <td><${Path} text=${row.route} /></td>
          <td>${row.sample.slice(0, 3).map((part) => html`<div><${Path} text=${part.path} /> ${part.kind}</div>`)}${row.fatal ? html`<span class="badge bad">money or identity</span>` : null}</td>
          <td>${row.cause ?? 'unknown'}</td><td class="n">${count(row.count)}</td>
          <td><${Trend} counts=${row.trend} /></td><td class="when">${ago(row.firstSeen)}</td><td class="when">${ago(row.lastSeen)}</td>
          <td><${Standing} row=${row}>${row.regressed ? html` <span class="badge bad">came back</span>` : null}${row.updatedBy === null ? null : html`<div class="dim">by ${row.updatedBy}, ${ago(row.updatedAt)}</div>`}<//></td>
          <td>${row.others ? html`<span class="dim">all further ones of this route</span>` : null}<button class="small outline" onClick=${() => choose(row)} aria-label=${`Change… ${row.id}`}>Change…</button></td></tr>`,
        )}</tbody></table></div>${list.moreOf(data, 'More fingerprints')}`}
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

function Trend({ counts }) {
  const most = Math.max(1, ...counts);
  const told = `${count(counts.reduce((sum, n) => sum + n, 0))} in 24 hours`;
  return html`<svg width="96" height="20" role="img" aria-label=${told}><title>${told}</title>${counts.map((n, at) => html`<rect x=${at * 4} width="3" y=${20 - (n / most) * 20} height=${(n / most) * 20} fill="currentColor" />`)}</svg>`;
}
