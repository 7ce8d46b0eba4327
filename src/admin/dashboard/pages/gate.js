import { query, send } from '/assets/api.js';
import { instant } from '/assets/format.js';
import { Copy, Loaded, Outcome, useAction, useData, usePages } from '/assets/parts.js';
import { html, useState } from '/vendor/htm.js';

export function Gate({ pulse, name }) {
  const gate = useData(`/api/gates/${encodeURIComponent(name)}`, pulse);
  const history = usePages(`/api/gates/${encodeURIComponent(name)}/decisions?limit=10`, {
    list: 'decisions',
    cursor: 'before',
    pulse,
  });
  const action = useAction();
  const [reason, setReason] = useState('');
  const decide = async () => {
    const asked = await action.run(() => send('POST', `/api/gates/${encodeURIComponent(name)}/decide`));
    if (asked === undefined) return;
    gate.reload();
    history.reload();
  };
  const begin = async (event) => {
    event.preventDefault();
    const path = `/api/gates/${encodeURIComponent(name)}/epoch`;
    if ((await action.run(() => send('POST', path, { reason: reason.trim() }))) === undefined) return;
    setReason('');
    gate.reload();
  };
  return html`<h1>Gate of ${name}</h1>
    <p class="row"><a href=${`#/domain/${encodeURIComponent(name)}`}>Domain</a> <button class="small" aria-busy=${action.busy} onClick=${decide}>Decide now and keep it</button></p>
    <${action.Failure} />
    <${Loaded} of=${gate}>${(
      data,
    ) => html`<p><${Outcome} outcome=${data.decision.outcome} />${data.decision.faults?.open > 0 ? html` <a class="bad" href=${`#/faults${query({ domain: name })}`}>${data.decision.faults.open} open ${data.decision.faults.open === 1 ? 'fault' : 'faults'}</a>` : null} <span class="dim">epoch ${data.decision.epoch ?? '–'}, config <code>${data.decision.configDigest}</code></span></p>
      <ul class="checks">${data.decision.conditions.map(
        (
          condition,
        ) => html`<li><${Mark} holds=${condition.holds} /> <strong>${condition.name.replaceAll('_', ' ')}</strong> ${condition.text}
        ${condition.missing.length === 0 ? null : html`<${Missing} texts=${condition.missing} />`}</li>`,
      )}</ul>
      <details><summary>Begin new evidence…</summary><form onSubmit=${begin}>
        <p>Earlier comparisons no longer count; the decisions and the audit trail stay. Each new epoch needs more evidence.</p>
        <label>Reason <input required maxlength="300" value=${reason} onInput=${(event) => setReason(event.target.value)} /></label>
        <button type="submit" class="small secondary" aria-busy=${action.busy}>Begin epoch ${(data.decision.epoch ?? 0) + 1}</button></form></details>
      <details><summary>The decision as Markdown</summary><${Copy} text=${data.markdown} label="the decision as Markdown" /></details>`}<//>
    <h2>Decisions kept</h2>
    <${Loaded} of=${history} empty=${{ when: (data) => data.decisions.length === 0, say: 'No decision was kept yet. Use the button above, or shadowread gate.' }}>
      ${(
        data,
      ) => html`<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">when</th><th scope="col">outcome</th><th scope="col">who</th><th scope="col">why</th><th scope="col">config</th></tr></thead><tbody>
        ${history.rowsOf(data).map((row) => html`<tr><td class="when">${instant(row.at)}</td><td><${Outcome} outcome=${row.outcome} /></td><td>${row.who}</td><td>${whyOf(row.decision)}</td><td><code>${row.configDigest}</code></td></tr>`)}</tbody></table></div>${history.moreOf(data, 'Older ones')}`}<//>`;
}

/** The first condition that fails, else the first that is open. */
function whyOf({ conditions }) {
  return (
    (conditions.find(({ holds }) => holds === false) ?? conditions.find(({ holds }) => holds === null))?.text ?? ''
  );
}

/** What is missing; at first only a few lines of it. */
function Missing({ texts }) {
  const [first, rest] = [texts.slice(0, 3), texts.slice(3)];
  const list = (some) => html`<ul>${some.map((text) => html`<li class="warn">${text}</li>`)}</ul>`;
  return html`${list(first)}${rest.length === 0 ? null : html`<details><summary>${rest.length} more</summary>${list(rest)}</details>`}`;
}

function Mark({ holds }) {
  if (holds === true) return html`<span class="badge good">✓ holds</span>`;
  if (holds === false) return html`<span class="badge bad">✗ fails</span>`;
  return html`<span class="badge warn">? open</span>`;
}
