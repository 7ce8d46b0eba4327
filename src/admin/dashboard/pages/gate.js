import { query, send } from '/assets/api.js';
import { agree, counted, moment } from '/assets/format.js';
import { html, useState } from '/assets/html.js';
import { Copy, Loaded, Outcome, useAction, useData, usePages } from '/assets/parts.js';
import { Page, usePhone } from '/assets/table.js';

export function Gate({ pulse, name }) {
  const gate = useData(`/api/gates/${encodeURIComponent(name)}`, pulse);
  const history = usePages(`/api/gates/${encodeURIComponent(name)}/decisions?limit=${usePhone() ? 4 : 8}`, {
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
  return html`<h1 class="clamp">Gate of ${name}</h1>
    <p class="row"><a href=${`#/domain/${encodeURIComponent(name)}`}>Domain</a> <button class="small" aria-busy=${action.busy} onClick=${decide}>Decide now and keep it</button></p>
    <${action.Failure} />
    <${Loaded} of=${gate}>${(
      data,
    ) => html`<p><${Outcome} outcome=${data.decision.outcome} />${data.decision.faults?.open > 0 ? html` <a class="bad" href=${`#/faults${query({ domain: name })}`}>${counted(data.decision.faults.open, 'open fault')}</a>` : null} <span class="dim">epoch ${data.decision.epoch ?? '–'}, config <code>${data.decision.configDigest}</code></span></p>
      <${Conditions} conditions=${data.decision.conditions} />
      <details><summary>Begin new evidence…</summary><form onSubmit=${begin}>
        <p>Earlier comparisons no longer count; the decisions and the audit trail stay. Each new epoch needs more evidence.</p>
        <label>Reason <input required maxlength="300" value=${reason} onInput=${(event) => setReason(event.target.value)} /></label>
        <button type="submit" class="small secondary" aria-busy=${action.busy}>Begin epoch ${(data.decision.epoch ?? 0) + 1}</button></form></details>
      <details><summary>The decision as Markdown</summary><${Copy} text=${data.markdown} label="the decision as Markdown" /></details>`}<//>
    <h2>Decisions kept</h2>
    <${Loaded} of=${history} empty=${{ when: (data) => data.decisions.length === 0, say: 'No decision was kept yet. Use the button above, or shadowread gate.' }}>
      ${(data) => html`<${Page} rows=${history.rowsOf(data)} columns=${DECISIONS} />${history.moreOf(data, 'Older ones')}`}<//>`;
}

/** What does not hold is told in full; on a phone the rest is folded. */
function Conditions({ conditions }) {
  const phone = usePhone();
  const [holding, others] = [
    conditions.filter(({ holds }) => holds === true),
    conditions.filter(({ holds }) => holds !== true),
  ];
  const list = (some) =>
    html`<ul class="checks">${some.map(
      (
        condition,
      ) => html`<li><${Mark} holds=${condition.holds} /> <div><strong>${condition.name.replaceAll('_', ' ')}</strong> <${Long} text=${condition.text} />
      ${condition.missing.length === 0 ? null : html`<${Missing} texts=${condition.missing} />`}</div></li>`,
    )}</ul>`;
  return html`${others.length === 0 ? null : list(others)}
    ${holding.length === 0 ? null : html`<details class="holding" open=${!phone}><summary>${holding.length === conditions.length ? `All ${holding.length} conditions hold` : `${holding.length} of ${conditions.length} conditions ${agree(holding.length, 'holds', 'hold')}`}</summary>${list(holding)}</details>`}`;
}

/** A text of a few lines; its rest is one click away. */
function Long({ text }) {
  const [all, showAll] = useState(false);
  if (text.length <= LONG) return html`${text}`;
  return html`${all ? text : `${text.slice(0, LONG)}… `}${all ? null : html`<button class="link" onClick=${() => showAll(true)}>show all of it</button>`}`;
}

const LONG = 240;

const DECISIONS = [
  { name: 'when', head: true, kind: 'when', cell: ({ at }) => moment(at) },
  { name: 'outcome', kind: 'bare inline', cell: ({ outcome }) => html`<${Outcome} outcome=${outcome} />` },
  { name: 'who', kind: 'bare inline', cell: ({ who }) => html`<span class="clamp">${who}</span>` },
  { name: 'why', kind: 'bare', cell: ({ decision }) => html`<span class="dim clamp">${whyOf(decision)}</span>` },
  { name: 'config', kind: 'wide', cell: ({ configDigest }) => html`<code>${configDigest}</code>` },
];

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
