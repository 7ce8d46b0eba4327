import { rememberWho, send, whoIs } from '/assets/api.js';
import { bytes, count, instant } from '/assets/format.js';
import { Loaded, useAction, useData } from '/assets/parts.js';
import { html, useState } from '/vendor/htm.js';

export function Control({ pulse }) {
  const control = useData('/api/control', pulse);
  const action = useAction();
  const [who, setWho] = useState(whoIs());
  const change = async (patch) => {
    if ((await action.run(() => send('PATCH', '/api/control', patch))) !== undefined) control.reload();
  };
  return html`<h1>Control</h1>
    <div class="filters"><label>Your name, kept with every change <input value=${who} maxlength="80" onInput=${(
      event,
    ) => {
      setWho(event.target.value);
      rememberWho(event.target.value);
    }} /></label></div>
    <${action.Failure} />
    <${Loaded} of=${control}>${(data) => html`
      <div class="row"><strong>Shadowing is ${data.shadowing ? 'on' : 'off'}</strong>
        <button class="small" aria-busy=${action.busy} onClick=${() => change({ shadowing: !data.shadowing })}>${data.shadowing ? 'Switch off' : 'Switch on'}</button></div>
      <h2>Limits and state</h2>
      <div class="scroll" tabindex="0"><table><tbody>
        <tr><th scope="row">in flight</th><td class="n">${count(data.inFlight)}</td><th scope="row">waiting for a worker</th><td class="n">${count(data.queued)} of ${count(data.limits.queue)}</td></tr>
        <tr><th scope="row">bytes held</th><td class="n">${bytes(data.heldBytes)} of ${bytes(data.limits.heldBytes)}</td><th scope="row">twin requests at once</th><td class="n">${count(data.twinConcurrency)} of ${count(data.limits.twinConcurrency)}</td></tr>
        <tr><th scope="row">breaker</th><td class=${data.breaker === 'closed' ? 'good' : 'bad'}>${data.breaker.replace('_', ' ')}</td><th scope="row">workers</th><td class="n">${count(data.workers.running)}, replaced ${count(data.workers.replaced)}</td></tr>
      </tbody></table></div>
      <h2>Sampling by route</h2>
      <div class="scroll" tabindex="0"><table><thead><tr><th scope="col">route</th><th scope="col">domain</th><th scope="col">sampling</th><th scope="col">by</th><th scope="col">state</th></tr></thead><tbody>
        ${data.routes.map(
          (row) => html`<tr><th scope="row"><code>${row.key}</code></th><td>${row.domain}</td>
          <td><select aria-label=${`Share of ${row.key}`} value=${row.policy.sample} onChange=${(event) => change({ routes: { [row.key]: { sample: Number(event.target.value) } } })}>${[...new Set([1, 0.5, 0.1, 0.01, row.policy.sample])].map((share) => html`<option value=${share}>${share * 100} %</option>`)}</select></td>
          <td><select aria-label=${`Sampling of ${row.key} by`} value=${row.policy.sampleBy} onChange=${(event) => change({ routes: { [row.key]: { sampleBy: event.target.value } } })}>${['read', 'entity', 'caller'].map((by) => html`<option value=${by}>${by}</option>`)}</select></td>
          <td><button class="small outline" onClick=${() => change({ routes: { [row.key]: { paused: !row.policy.paused } } })} aria-label=${`${row.policy.paused ? 'Resume' : 'Pause'} ${row.key}`}>${row.policy.paused ? 'paused: resume' : 'running: pause'}</button></td></tr>`,
        )}</tbody></table></div>
      <h2>Who changed what</h2>
      ${data.audit.length === 0 ? html`<p class="dim">Nothing was changed at run time.</p>` : html`<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">when</th><th scope="col">who</th><th scope="col">what</th><th scope="col">subject</th><th scope="col">reason</th></tr></thead><tbody>${data.audit.map((row) => html`<tr><td>${instant(row.at)}</td><td>${row.who}</td><td>${row.what}</td><td>${row.subject}</td><td>${row.reason ?? ''}</td></tr>`)}</tbody></table></div>`}`}<//>`;
}
