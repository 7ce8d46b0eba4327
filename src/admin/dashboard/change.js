/** The state that a person gives a fault or a fingerprint, with its owner, reason and expiry. */

import { send, whoIs } from '/assets/api.js';
import { instant } from '/assets/format.js';
import { html, useState } from '/assets/html.js';
import { Sentence, useAction, useDialog } from '/assets/parts.js';

const TONES = { acknowledged: 'warn', repaired: 'good', fixed: 'good' };

/** The state as a badge; an acknowledged one with its owner. */
export function Standing({ row, children }) {
  const tone = row.expired ? 'bad' : (TONES[row.state] ?? 'bad');
  return html`<span class=${`badge ${tone}`}>${row.state}${row.expired ? ', expired' : ''}</span>${children}
    ${row.owner === null ? (row.reason === null ? null : html`<div class="dim clamp">${row.reason}</div>`) : html`<div class="dim clamp">${row.owner}: ${row.reason}${row.expiresAt === null ? '' : `, until ${instant(row.expiresAt).slice(0, 10)}`}</div>`}`;
}

const ACKNOWLEDGED = ['acknowledged', 'acknowledged: known, and put off'];

/** `states` are all except acknowledged, each with its meaning; the change is sent to `path`. */
export function Change({ title, sentence, path, states, row, done }) {
  const dialog = useDialog();
  const action = useAction();
  const [form, setForm] = useState({
    state: 'acknowledged',
    owner: row.owner ?? whoIs(),
    reason: row.owner === null ? '' : row.reason,
    days: 7,
  });
  const set = (name) => (event) => setForm({ ...form, [name]: event.target.value });
  const submit = async (event) => {
    event.preventDefault();
    const { state, owner, reason, days } = form;
    const body =
      state === 'acknowledged'
        ? { state, owner, reason, expiresAt: Date.now() + Number(days) * 86_400_000 }
        : { state, ...(reason === '' ? {} : { reason }) };
    if ((await action.run(() => send('PATCH', path, body))) !== undefined) done(true);
  };
  return html`<dialog ref=${dialog} aria-labelledby="change-title" onClose=${() => done(false)}><article>
    <h2 id="change-title">${title}</h2>${sentence === undefined ? null : html`<p><${Sentence} text=${sentence} /></p>`}
    <form onSubmit=${submit}>
      <label>State <select value=${form.state} onChange=${set('state')}>${[ACKNOWLEDGED, ...states].map(([state, words]) => html`<option value=${state}>${words}</option>`)}</select></label>
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
