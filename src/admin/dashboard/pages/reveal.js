/** Opens the sealed answers of one mismatch: asks for a reason and the reveal token, which is not stored. */

import { Rounds, Tree } from '/assets/answers.js';
import { reveal } from '/assets/api.js';
import { html } from '/assets/html.js';
import { useAction } from '/assets/parts.js';

export function Reveal({ id, opened }) {
  const action = useAction();
  const open = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const result = await action.run(() => reveal(id, String(form.get('token')), String(form.get('reason'))));
    if (result !== undefined) opened(result);
  };
  return html`<details class="reveal"><summary>Open the values</summary>
    <p class="dim">Needs evidence.reveal and the reveal token. Who opened what, and why, goes into the audit trail.</p>
    <form class="narrow" onSubmit=${open}><label>Reason <input name="reason" required minlength="3" maxlength="500" autocomplete="off" /></label>
      <label>Reveal token <input name="token" type="password" required autocomplete="off" /></label>
      <${action.Failure} /><button type="submit" class="small" aria-busy=${action.busy}>Open</button></form></details>`;
}

/** The answers with their values, until they are closed or the page is left. */
export function Opened({ of, close }) {
  return html`<section aria-label="opened answers"><div class="row notice"><div><strong>Opened: ${of.reason}</strong><div class="dim">by ${of.who}; this is in the audit trail. Secrets stay hidden.</div></div>
    <button class="small" onClick=${close}>Close</button></div><${Rounds} rounds=${of.rounds} side=${sideOf} /></section>`;
}

const sideOf = (name, { status, headers, body }) =>
  html`<div><h3>${name}, ${status}</h3><p class="dim">${Object.entries(headers).map(([field, value]) => html`<div><code>${field}: ${value}</code></div>`)}</p><${Tree} node=${body} /></div>`;
