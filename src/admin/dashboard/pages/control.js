import { rememberWho, send, whoIs } from '/assets/api.js';
import { bytes, count, counted, moment } from '/assets/format.js';
import { html, useState } from '/assets/html.js';
import { Loaded, Path, Stage, useAction, useData, usePages } from '/assets/parts.js';
import { Page, Table, usePhone } from '/assets/table.js';

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
      <${Table} what="domain" most=${12} few=${8} rows=${Object.entries(data.domains)} keyOf=${([domain]) => domain} columns=${domainColumns(data, change)} />
      <${Sampling} routes=${data.routes} change=${change} />`}<//>
      <h2>Who changed what</h2><${Audit} pulse=${pulse + changes} />`;
}

const domainColumns = ({ routes }, change) => [
  { name: 'domain', head: true, cell: ([domain]) => domain },
  { name: 'stage', kind: 'bare inline', cell: ([, of]) => html`<${Stage} stage=${of.stage} percent=${of.percent} />` },
  {
    name: 'state',
    kind: 'bare inline',
    cell: ([domain]) => {
      const paused = routes.every((row) => row.domain !== domain || row.policy.paused);
      return html`<${Paused} name=${domain} paused=${paused} set=${() => change({ domains: { [domain]: { paused: !paused } } })} />`;
    },
  },
];

function Paused({ name, paused, set }) {
  const does = paused ? 'Resume' : 'Pause';
  return html`<button class="small outline" onClick=${set} aria-label=${`${does} ${name}`}>${does}</button>${paused ? html` <span class="badge warn">paused</span>` : null}`;
}

const SHARES = [1, 0.5, 0.1, 0.01];
const SAMPLED_BY = ['read', 'entity', 'caller'];

/** Folded until it is asked for: there may be hundreds of routes. */
function Sampling({ routes, change }) {
  const [part, setPart] = useState('');
  const found = routes.filter(({ key, domain }) => `${domain} ${key}`.toLowerCase().includes(part.toLowerCase()));
  const set = (key, policy) => change({ routes: { [key]: policy } });
  return html`<details><summary><strong>Sampling by route</strong> <span class="dim">${counted(routes.length, 'route')}</span></summary>
    <div class="filters"><label>Find a route <input type="search" value=${part} placeholder="a part of its path or domain" onInput=${(event) => setPart(event.target.value)} /></label></div>
    <${Table} what="route" most=${12} few=${6} rows=${found} keyOf=${({ key }) => key} columns=${[
      {
        name: 'route',
        head: true,
        kind: 'sentence',
        cell: ({ key }) => html`<span class="clamp"><${Path} text=${key} /></span>`,
      },
      { name: 'domain', kind: 'wide', cell: ({ domain }) => domain },
      {
        name: 'sampling',
        kind: 'bare inline',
        cell: ({ key, policy }) =>
          html`<select aria-label=${`Share of ${key}`} value=${policy.sample} onChange=${(event) => set(key, { sample: Number(event.target.value) })}>${[...new Set([...SHARES, policy.sample])].map((share) => html`<option value=${share}>${share * 100} %</option>`)}</select>`,
      },
      {
        name: 'by',
        kind: 'bare inline',
        cell: ({ key, policy }) =>
          html`<select aria-label=${`Sampling of ${key} by`} value=${policy.sampleBy} onChange=${(event) => set(key, { sampleBy: event.target.value })}>${SAMPLED_BY.map((by) => html`<option value=${by}>${by}</option>`)}</select>`,
      },
      {
        name: 'state',
        kind: 'bare inline',
        cell: ({ key, policy }) =>
          html`<${Paused} name=${key} paused=${policy.paused} set=${() => set(key, { paused: !policy.paused })} />`,
      },
    ]} /></details>`;
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
  const list = usePages(`/api/audit?limit=${usePhone() ? 4 : 8}`, { list: 'audit', cursor: 'before', pulse });
  return html`<${Loaded} of=${list} empty=${{ when: (data) => data.audit.length === 0, say: 'Nothing was changed at run time.' }}>
    ${(data) => html`<${Page} rows=${list.rowsOf(data)} columns=${AUDIT} />${list.moreOf(data, 'Older ones')}`}<//>`;
}

const AUDIT = [
  {
    name: 'what',
    head: true,
    kind: 'sentence',
    cell: ({ what, subject }) => html`<span class="clamp">${what} <code>${subject}</code></span>`,
  },
  { name: 'when', kind: 'when bare inline', cell: ({ at }) => moment(at) },
  { name: 'who', kind: 'bare inline', cell: ({ who }) => html`<span class="clamp">${who}</span>` },
  { name: 'reason', kind: 'bare', cell: ({ reason }) => html`<span class="dim clamp">${reason ?? ''}</span>` },
];
