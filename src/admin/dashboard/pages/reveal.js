/** Opens the sealed answers of one mismatch: asks for a reason and the reveal token, which is not stored. */

import { reveal } from '/assets/api.js';
import { redacted } from '/assets/format.js';
import { useAction } from '/assets/parts.js';
import { html, useState } from '/vendor/htm.js';

export function Reveal({ id }) {
  const action = useAction();
  const [opened, setOpened] = useState(null);
  const open = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const result = await action.run(() => reveal(id, String(form.get('token')), String(form.get('reason'))));
    if (result === undefined) return;
    event.target.reset();
    setOpened(result);
  };
  if (opened !== null)
    return html`<section aria-label="opened answers"><p class="row"><strong>Opened: ${opened.reason}</strong> <span class="dim">${opened.who}; this is in the audit trail. Secrets stay hidden.</span>
      <button class="small" onClick=${() => setOpened(null)}>Close</button></p>
      ${opened.rounds.map((round, index) => html`<details class="round" open=${index === 0}><summary><strong>${round.name}</strong></summary><div class="sides"><${Side} name="primary" of=${round.primary} /><${Side} name="twin" of=${round.twin} /></div></details>`)}</section>`;
  return html`<details class="reveal"><summary>Open the values</summary>
    <p class="dim">Needs evidence.reveal and the reveal token. Who opened what, and why, goes into the audit trail.</p>
    <form onSubmit=${open}><label>Reason <input name="reason" required minlength="3" maxlength="500" autocomplete="off" /></label>
      <label>Reveal token <input name="token" type="password" required autocomplete="off" /></label>
      <button class="small" aria-busy=${action.busy}>Open</button></form><${action.Failure} /></details>`;
}

function Side({ name, of }) {
  return html`<div><h3>${name}, ${of.status}</h3><p class="dim">${Object.entries(of.headers).map(([field, value]) => html`<div><code>${field}: ${value}</code></div>`)}</p><div class="tree"><${Opened} node=${of.body} /></div></div>`;
}

function Opened({ node, name }) {
  const label = name === undefined ? '' : `${name}: `;
  if (node.children === undefined)
    return html`<div class=${`leaf ${node.differs ? 'differs' : ''}`}>${node.differs ? html`<span aria-label="differs">≠ </span>` : null}${label}${redacted(node)}</div>`;
  return html`<details open=${node.inside || name === undefined} class=${node.differs ? 'differs' : ''}><summary>${label}${node.type} of ${node.length}${node.differs ? ' ≠' : ''}</summary>
    <div class="kids">${node.children.map(([key, child]) => html`<${Opened} name=${key} node=${child} />`)}${node.cut ? html`<div class="leaf dim">… ${node.cut} more</div>` : null}</div></details>`;
}
