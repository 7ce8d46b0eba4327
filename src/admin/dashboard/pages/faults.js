import { query, send, whoIs } from '/assets/api.js';
import { ago, count, instant } from '/assets/format.js';
import { Domains, Loaded, useAction, usePages } from '/assets/parts.js';
import { html, useEffect, useRef, useState } from '/vendor/htm.js';

const STATES = ['', 'open', 'returned', 'acknowledged', 'repaired'];

/** What is wrong, one row a fault: what nobody answers for comes first. */
export function Faults({ pulse, parameters }) {
  const [domain, setDomain] = useState(parameters.get('domain') ?? '');
  const [state, setState] = useState(parameters.get('state') ?? '');
  const [chosen, choose] = useState(null);
  const list = usePages(`/api/faults${query({ domain, state, limit: 20 })}`, {
    list: 'faults',
    cursor: 'after',
    pulse,
  });
  return html`<h1>Faults</h1>
    <div class="filters"><${Domains} value=${domain} onChange=${(event) => setDomain(event.target.value)} />
      <label>State <select value=${state} onChange=${(event) => setState(event.target.value)}>${STATES.map((value) => html`<option value=${value}>${value === '' ? 'all' : value}</option>`)}</select></label></div>
    <${Loaded} of=${list} empty=${{ when: (data) => data.faults.length === 0, say: 'No fault has been found. Either all agrees, or nothing was compared yet: the overview says which.' }}>
      ${(
        data,
      ) => html`<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">what is wrong</th><th scope="col">state</th><th scope="col" class="n">reads</th><th scope="col">seen</th><th scope="col">actions</th></tr></thead>
        <tbody>${list.rowsOf(data).map(
          (row) => html`<tr>
          <th scope="row" class="sentence"><${Sentence} text=${row.sentence} /><div><span class="badge">${row.cause}</span> ${row.fatal ? html`<span class="badge bad">money or identity</span> ` : null}<span class="dim">${row.domain}, <code>${row.id}</code></span></div><${Routes} rows=${row.routes} /></th>
          <td><${State} row=${row} /></td><td class="n">${count(row.reads)}</td>
          <td class="when">since ${ago(row.firstSeen).replace(' ago', '')}<div class="dim">last ${ago(row.lastSeen)}</div></td>
          <td>${row.lastMismatch === null ? null : html`<a href=${`#/mismatch/${row.lastMismatch}`} aria-label=${`The latest read that shows ${row.id}`}>latest read</a> `}${row.others ? null : html`<button class="small outline" onClick=${() => choose(row)} aria-label=${`Acknowledge ${row.id}`}>Acknowledge…</button>`}</td></tr>`,
        )}</tbody></table></div>${list.moreOf(data, 'More faults')}`}
    <//>
    ${
      chosen === null
        ? null
        : html`<${Change} row=${chosen} done=${(changed) => {
            choose(null);
            if (changed) list.reload();
          }} />`
    }`;
}

/** Names between backticks are code. */
function Sentence({ text }) {
  return text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part));
}

function Routes({ rows }) {
  return html`<details><summary>shown on ${rows.length === 1 ? 'one route' : `${rows.length} routes`}</summary>${rows.map(({ route, reads }) => html`<div><code>${route}</code> <span class="dim">${count(reads)}</span></div>`)}</details>`;
}

function State({ row }) {
  const tone = row.state === 'repaired' ? 'good' : row.state === 'acknowledged' && !row.expired ? 'warn' : 'bad';
  return html`<span class=${`badge ${tone}`}>${row.state}${row.expired ? ', expired' : ''}</span>
    ${row.owner === null ? null : html`<div class="dim">${row.owner}: ${row.reason}${row.expiresAt === null ? '' : `, until ${instant(row.expiresAt).slice(0, 10)}`}</div>`}`;
}

function Change({ row, done }) {
  const dialog = useRef(null);
  const action = useAction();
  const [form, setForm] = useState({
    state: 'acknowledged',
    owner: row.owner ?? whoIs(),
    reason: row.reason ?? '',
    days: 7,
  });
  useEffect(() => dialog.current?.showModal(), []);
  const set = (name) => (event) => setForm({ ...form, [name]: event.target.value });
  const submit = async (event) => {
    event.preventDefault();
    const { state, owner, reason, days } = form;
    const body =
      state === 'acknowledged'
        ? { state, owner, reason, expiresAt: Date.now() + Number(days) * 86_400_000 }
        : { state, ...(reason === '' ? {} : { reason }) };
    if ((await action.run(() => send('PATCH', `/api/faults/${encodeURIComponent(row.id)}`, body))) !== undefined)
      done(true);
  };
  return html`<dialog ref=${dialog} aria-labelledby="change-title" onClose=${() => done(false)}><article>
    <h2 id="change-title">Fault <code>${row.id}</code></h2><p><${Sentence} text=${row.sentence} /></p>
    <form onSubmit=${submit}>
      <label>State <select value=${form.state} onChange=${set('state')}><option value="acknowledged">acknowledged: known, and put off</option><option value="open">open</option><option value="repaired">repaired: a read that shows it again makes it return</option></select></label>
      ${
        form.state === 'acknowledged'
          ? html`<label>Owner <input required maxlength="80" value=${form.owner} onInput=${set('owner')} /></label>
        <label>For how many days <input required type="number" min="1" max="90" value=${form.days} onInput=${set('days')} /></label>`
          : null
      }
      <label>Reason <input required=${form.state === 'acknowledged'} maxlength="300" value=${form.reason} onInput=${set('reason')} /></label>
      <${action.Failure} />
      <div class="row"><button type="submit" class="small" aria-busy=${action.busy}>Save</button><button type="button" class="small secondary" onClick=${() => dialog.current.close()}>Cancel</button></div>
    </form></article></dialog>`;
}
