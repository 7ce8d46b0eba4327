import { query } from '/assets/api.js';
import { ReadsChart } from '/assets/chart.js';
import { count, millis, percent } from '/assets/format.js';
import { Bars, Loaded, Mix, Rate, useData } from '/assets/parts.js';
import { html, useState } from '/vendor/htm.js';

export function Domain({ pulse, name }) {
  const [route, setRoute] = useState('');
  const detail = useData(`/api/domains/${encodeURIComponent(name)}`, pulse);
  const series = useData(`/api/series${query({ hours: 24, domain: name, route })}`, pulse);
  return html`<h1>${name}</h1>
    <p class="row"><a href=${`#/gate/${encodeURIComponent(name)}`}>Gate</a> <a href=${`#/mismatches${query({ domain: name })}`}>Mismatches</a> <a href=${`#/fingerprints${query({ domain: name })}`}>Fingerprints</a></p>
    <${Loaded} of=${detail} empty=${{ when: (data) => data.routes.length === 0, say: 'This domain has no routes.' }}>
      ${(data) => html`<div class="scroll" tabindex="0"><table><thead><tr>
        <th scope="col">route</th><th scope="col">mismatch rate ≤ bound</th><th scope="col" class="n">compared</th><th scope="col">verdicts</th><th scope="col" class="n">distinct entities</th><th scope="col" class="n">noise floor</th><th scope="col" class="n">settle p99</th><th scope="col" class="n">p99 primary</th><th scope="col" class="n">p99 twin</th>
      </tr></thead><tbody>${data.routes.map(
        (row) => html`<tr>
        <th scope="row"><button class="small outline" aria-pressed=${route === row.key} onClick=${() => setRoute(route === row.key ? '' : row.key)}>${row.key}</button></th>
        <td><${Rate} rate=${row.rate} bound=${row.bound} limit=${null} /></td><td class="n">${count(row.compared)}</td><td><${Mix} verdicts=${row.verdicts} /></td>
        <td class="n">${count(row.entities)}</td><td class="n">${percent(row.noise)}</td><td class="n">${millis(row.settleP99)}</td><td class="n">${millis(row.latency.primary?.p99)}</td><td class="n">${millis(row.latency.twin?.p99)}</td>
      </tr>`,
      )}</tbody></table></div>
      ${data.routes
        .filter((row) => route === '' || row.key === route)
        .slice(0, route === '' ? 0 : 1)
        .map((row) => html`<${Route} row=${row} />`)}
      ${route === '' ? html`<p class="dim">Choose a route for its latencies and query shapes.</p>` : null}`}
    <//>
    <h2>Reads by verdict, 24 hours${route === '' ? '' : `: ${route}`}</h2>
    <${Loaded} of=${series}>${(data) => html`<${ReadsChart} points=${data.points} />`}<//>`;
}

function Route({ row }) {
  return html`<section><h2>${row.key}</h2>
    <div class="sides"><div><h3>Latency to headers, primary</h3><${Latency} of=${row.latency.primary} tone="v-match" /></div>
      <div><h3>Latency to headers, twin</h3><${Latency} of=${row.latency.twin} tone="v-settled" /></div></div>
    <h3>Query shapes</h3>
    <div class="scroll" tabindex="0"><table><thead><tr><th scope="col">shape</th><th scope="col" class="n">compared</th><th scope="col" class="n">mismatches</th><th scope="col" class="n">entities</th></tr></thead>
      <tbody>${row.shapes.map((shape) => html`<tr><td><code>${shape.shape}</code></td><td class="n">${count(shape.compared)}</td><td class="n">${count(shape.mismatches)}</td><td class="n">${count(shape.entities)}</td></tr>`)}
      ${row.unseen.map((shape) => html`<tr><td><code>${shape}</code></td><td class="n warn" colspan="3">not seen yet</td></tr>`)}</tbody></table></div></section>`;
}

function Latency({ of, tone }) {
  if (of === null || of === undefined) return html`<p class="dim">No figures yet.</p>`;
  return html`<p>p50 ${millis(of.p50)}, p95 ${millis(of.p95)}, p99 ${millis(of.p99)} of ${count(of.n)}</p>
    <${Bars} label="latency histogram" rows=${of.buckets.map((bucket) => ({ name: `≤ ${millis(bucket.upToMs)}`, n: bucket.n, tone }))} />`;
}
