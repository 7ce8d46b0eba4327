/** The actions on one fault: repair its row, ask its reads again, acknowledge it. */

import { send } from '/assets/api.js';
import { Change } from '/assets/change.js';
import { html, useEffect, useState } from '/assets/html.js';
import { Sentence, useAction, useDialog } from '/assets/parts.js';

const STATES = [
  ['open', 'open'],
  ['repaired', 'repaired: if a read shows it again, it becomes returned'],
];
const pathOf = (row) => `/api/faults/${encodeURIComponent(row.id)}`;

/** Calls `changed` when the shown state may be out of date. */
export function FaultActions({ row, changed }) {
  const [open, setOpen] = useState(null);
  const [asked, setAsked] = useState(null);
  const action = useAction();
  const done = (moved) => {
    setOpen(null);
    if (moved) changed();
  };
  const again = async () => {
    const answer = await action.run(() => send('POST', `${pathOf(row)}/recheck`));
    if (answer === undefined) return;
    setAsked(answer);
    changed();
  };
  const change = row.state === 'open' || row.state === 'returned' ? 'Acknowledge' : 'Change';
  if (row.others) return html`<span class="dim">all further faults of this domain</span>`;
  return html`<div class="actions">
      ${row.repairable && row.state !== 'repaired' ? html`<button class="small" onClick=${() => setOpen('repair')} aria-label=${`Repair ${row.id}`}>Repair…</button>` : null}
      <button class="small outline" aria-busy=${action.busy} onClick=${again} aria-label=${`Ask again ${row.id}`}>Ask again</button>
      <button class="small outline" onClick=${() => setOpen('change')} aria-label=${`${change} ${row.id}`}>${change}…</button></div>
    <${action.Failure} />${asked === null ? null : html`<${Asked} faults=${[asked]} />`}
    ${open === 'repair' ? html`<${Repair} row=${row} done=${done} />` : null}
    ${open === 'change' ? html`<${Change} title=${html`Fault <code>${row.id}</code>`} sentence=${row.sentence} path=${pathOf(row)} states=${STATES} row=${row} done=${done} />` : null}`;
}

/** What kind of fault it is, and its id. */
export const Marks = ({ row }) =>
  html`<div class="marks"><span class="badge">${row.cause}</span> ${row.fatal ? html`<span class="badge bad">money or identity</span> ` : null}<span class="dim clamp short">${row.domain}, <a href=${`#/fault/${encodeURIComponent(row.id)}`}><code>${row.id}</code></a></span></div>`;

const DONE = { insert: 'inserted', update: 'updated', delete: 'deleted', none: 'not changed' };

/** First shows what a repair would do (a dry run); on request it repairs, and asks again the reads that showed the fault. */
function Repair({ row, done }) {
  const dialog = useDialog();
  const action = useAction();
  const [plan, setPlan] = useState(null);
  const [outcome, setOutcome] = useState(null);
  const [reason, setReason] = useState('');
  const [gone, setGone] = useState(false);
  const ask = (body) => action.run(() => send('POST', `${pathOf(row)}/repair`, body));
  useEffect(() => {
    ask({ dryRun: true, delete: gone }).then((answer) => answer !== undefined && setPlan(answer.repair));
  }, [gone]);
  const submit = async (event) => {
    event.preventDefault();
    const answer = await ask({ delete: gone, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) });
    if (answer !== undefined) setOutcome(answer);
  };
  const close = () => dialog.current.close();
  const may = plan !== null && plan.result !== 'refused';
  return html`<dialog ref=${dialog} aria-labelledby="repair-title" onClose=${() => done(outcome !== null)}><article>
    <h2 id="repair-title">Repair <code>${row.collection}/${row.entity}</code></h2><p><${Sentence} text=${row.sentence} /></p>
    ${outcome === null ? (plan === null ? (action.busy ? html`<p aria-busy="true" role="status">Looking at the row and its document…</p>` : null) : html`<${Plan} plan=${plan} />`) : html`<${Plan} plan=${outcome.repair} /><${Asked} faults=${outcome.faults} />`}
    <${action.Failure} />
    ${
      outcome !== null
        ? html`<button class="small" onClick=${close}>Close</button>`
        : html`<form onSubmit=${submit}>
      ${plan?.action === 'delete' || gone ? html`<label><input type="checkbox" checked=${gone} onChange=${(event) => setGone(event.target.checked)} /> Delete the row: its document is gone</label>` : null}
      <label>Reason, kept in the audit trail <input maxlength="300" value=${reason} onInput=${(event) => setReason(event.target.value)} /></label>
      <div class="row"><button type="submit" class="small" disabled=${!may} aria-busy=${action.busy && plan !== null}>Repair</button><button type="button" class="small secondary" onClick=${close}>Cancel</button></div></form>`
    }</article></dialog>`;
}

function Plan({ plan }) {
  const fields =
    plan.fields.length === 0
      ? null
      : html`: ${plan.fields.slice(0, 12).map((field) => html`<code>${field}</code> `)}${plan.fields.length > 12 ? `and ${plan.fields.length - 12} more` : ''}`;
  const from = plan.revision === null ? '' : ` from revision ${plan.revision} of the document`;
  switch (plan.result) {
    case 'agrees':
      return html`<p role="status">The row agrees with its document already.</p>`;
    case 'planned':
      return html`<p role="status">The row would be ${DONE[plan.action]}${from}${fields}</p>`;
    case 'repaired':
      return html`<p role="status" class="good">✓ The row was ${DONE[plan.action]}${from}${fields}</p>`;
    case 'differs':
      return html`<p role="status" class="bad">✗ The row was ${DONE[plan.action]} and still differs${fields}</p>`;
    default:
      return html`<p role="status" class="bad">✗ ${plan.reason}</p>`;
  }
}

const SAID = {
  gone: ['good', '✓ no longer shows it'],
  shows: ['bad', '✗ still differs at '],
  not_asked: ['dim', '– not asked again: '],
};

/** Each fault with the present result of its reads. */
export function Asked({ faults }) {
  return html`${faults.map(
    (fault) =>
      html`<div role="status"><p>Fault <code>${fault.id}</code> is <strong>${fault.state}</strong>${fault.asked.length === 0 ? '; no read of it was kept, so none can be asked again' : ''}.</p>
      <ul class="asked">${fault.asked.map(({ route, outcome, paths, why }) => {
        const [tone, words] = SAID[outcome];
        return html`<li><code>${route}</code> <span class=${tone}>${words}${outcome === 'shows' ? paths.map((path) => path || '(whole body)').join(', ') : outcome === 'not_asked' ? why : ''}</span></li>`;
      })}</ul></div>`,
  )}`;
}
