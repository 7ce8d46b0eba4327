import { rememberWho, send, whoIs } from '/assets/api.js';
import { bytes, count, instant } from '/assets/format.js';
import { Loaded, Stage, useAction, useData, usePages } from '/assets/parts.js';
import { html, useState } from '/vendor/htm.js';

export function Control({ pulse }) {
  const control = useData('/api/control', pulse);
  const action = useAction();
  const [who, setWho] = useState(whoIs());
  const [reason, setReason] = useState('');
  const [changes, setChanges] = useState(0);
  const change = async (patch) => {
    const body = reason.trim() === '' ? patch : { ...patch, reason: reason.trim() };
    if ((await action.run(() => send('PATCH', '/api/control', body))) === undefined) return;
    setReason('');
    control.reload();
    setChanges((before) => before + 1);
  };
  return html`<h1>Control</h1>
    <div class="filters"><label>Your name, kept with every change <input value=${who} maxlength="80" onInput=${(
      event,
    ) => {
      setWho(event.target.value);
      rememberWho(event.target.value);
    }} /></label>
      <label>Reason for the next change <input value=${reason} maxlength="300" onInput=${(event) => setReason(event.target.value)} /></label></div>
    <${action.Failure} />
    <${Loaded} of=${control}>${(data) => html`
      <div class="row"><strong>Shadowing is ${data.shadowing ? 'on' : 'off'}</strong>
        <button class="small" aria-busy=${action.busy} onClick=${() => change({ shadowing: !data.shadowing })}>${data.shadowing ? 'Switch off' : 'Switch on'}</button></div>
      <h2>Limits and state</h2>
      <dl class="figures">${figuresOf(data).map(([name, value, tone]) => html`<div><dt>${name}</dt><dd class=${tone}>${value}</dd></div>`)}</dl>
      ${data.reloadError === null ? null : html`<p class="notice error" role="status">The last reload of the config was refused; the previous config is still in force: ${data.reloadError}</p>`}
      <h2>Domains</h2>
      <div class="scroll" tabindex="0"><table><thead><tr><th scope="col">domain</th><th scope="col">stage</th><th scope="col">state</th></tr></thead><tbody>
        ${Object.entries(data.domains).map(([domain, { stage, percent: share }]) => {
          const paused = data.routes.every((row) => row.domain !== domain || row.policy.paused);
          return html`<tr><th scope="row">${domain}</th><td><${Stage} stage=${stage} percent=${share} /></td>
          <td><button class="small outline" onClick=${() => change({ domains: { [domain]: { paused: !paused } } })} aria-label=${`${paused ? 'Resume' : 'Pause'} ${domain}`}>${paused ? 'Resume' : 'Pause'}</button>${paused ? html` <span class="badge warn">paused</span>` : null}</td></tr>`;
        })}</tbody></table></div>
      <details><summary><strong>Sampling by route</strong> <span class="dim">${data.routes.length} routes</span></summary>
      <div class="scroll" tabindex="0"><table><thead><tr><th scope="col">route</th><th scope="col">domain</th><th scope="col">sampling</th><th scope="col">by</th><th scope="col">state</th></tr></thead><tbody>
        ${data.routes.map(
          (row) => html`<tr><th scope="row"><code>${row.key}</code></th><td>${row.domain}</td>
          <td><select aria-label=${`Share of ${row.key}`} value=${row.policy.sample} onChange=${(event) => change({ routes: { [row.key]: { sample: Number(event.target.value) } } })}>${[...new Set([1, 0.5, 0.1, 0.01, row.policy.sample])].map((share) => html`<option value=${share}>${share * 100} %</option>`)}</select></td>
          <td><select aria-label=${`Sampling of ${row.key} by`} value=${row.policy.sampleBy} onChange=${(event) => change({ routes: { [row.key]: { sampleBy: event.target.value } } })}>${['read', 'entity', 'caller'].map((by) => html`<option value=${by}>${by}</option>`)}</select></td>
          <td><button class="small outline" onClick=${() => change({ routes: { [row.key]: { paused: !row.policy.paused } } })} aria-label=${`${row.policy.paused ? 'Resume' : 'Pause'} ${row.key}`}>${row.policy.paused ? 'Resume' : 'Pause'}</button>${row.policy.paused ? html` <span class="badge warn">paused</span>` : null}</td></tr>`,
        )}</tbody></table></div></details>`}<//>
      <h2>Who changed what</h2><${Audit} pulse=${pulse + changes} />`;
}

function figuresOf(data) {
  return [
    ['in flight', count(data.inFlight), ''],
    ['waiting for a worker', `${count(data.queued)} of ${count(data.limits.queue)}`, ''],
    ['bytes held', `${bytes(data.heldBytes)} of ${bytes(data.limits.heldBytes)}`, ''],
    ['twin requests at once', `${count(data.twinConcurrency)} of ${count(data.limits.twinConcurrency)}`, ''],
    ['twin requests a second', `at most ${count(data.limits.twinPerSecond)}`, ''],
    ['re-reads a second', `at most ${count(data.limits.recheckPerSecond)}`, ''],
    ['twin timeout', `${count(data.limits.twinTimeoutMs)} ms`, ''],
    [
      'breaker',
      [data.breaker.replace('_', ' '), ...data.breakerParts].join(', '),
      data.breaker === 'closed' ? 'good' : 'bad',
    ],
    [
      'verifier',
      [data.verifier, data.verifierError].filter(Boolean).join(': '),
      data.verifier === 'failed' ? 'bad' : '',
    ],
    ['workers', `${count(data.workers.running)}, replaced ${count(data.workers.replaced)}`, ''],
    [
      'journal',
      data.journal.configured
        ? `${data.journal.lagSeconds.toFixed(1)} s behind, ${count(data.journal.dropped)} dropped`
        : 'not configured',
      data.journal.dropped > 0 ? 'bad' : '',
    ],
    ['config', data.configDigest, ''],
  ];
}

function Audit({ pulse }) {
  const list = usePages('/api/audit?limit=20', { list: 'audit', cursor: 'before', pulse });
  return html`<${Loaded} of=${list} empty=${{ when: (data) => data.audit.length === 0, say: 'Nothing was changed at run time.' }}>
    ${(data) =>
      html`<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">when</th><th scope="col">who</th><th scope="col">what</th><th scope="col">subject</th><th scope="col">reason</th></tr></thead><tbody>${list.rowsOf(data).map((row) => html`<tr><td class="when">${instant(row.at)}</td><td>${row.who}</td><td>${row.what}</td><td>${row.subject}</td><td>${row.reason ?? ''}</td></tr>`)}</tbody></table></div>${list.moreOf(data, 'Older ones')}`}<//>`;
}
