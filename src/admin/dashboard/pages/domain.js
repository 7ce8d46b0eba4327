import { query } from '/assets/api.js';
import { ReadsChart } from '/assets/chart.js';
import { ago, count, millis, percent } from '/assets/format.js';
import { Bars, Cut, Loaded, Mix, Path, Rate, useData } from '/assets/parts.js';
import { html, useState } from '/vendor/htm.js';

export function Domain({ pulse, name }) {
  const [route, setRoute] = useState('');
  const [range, setRange] = useState(null);
  const detail = useData(`/api/domains/${encodeURIComponent(name)}`, pulse);
  const series = useData(`/api/series${query({ ...(range ?? {}), domain: name, route })}`, pulse);
  return html`<h1>${name}</h1>
    <p class="row"><a href=${`#/gate/${encodeURIComponent(name)}`}>Gate</a> <a href=${`#/faults${query({ domain: name })}`}>Faults</a> <a href=${`#/mismatches${query({ domain: name })}`}>Mismatches</a> <a href=${`#/fingerprints${query({ domain: name })}`}>Fingerprints</a></p>
    <${Loaded} of=${detail} empty=${{ when: (data) => data.routes.length === 0, say: 'This domain has no routes.' }}>
      ${(data) => html`<div class="scroll" tabindex="0"><table><thead><tr>
        <th scope="col">route</th><th scope="col">mismatch rate</th><th scope="col">verdicts</th><th scope="col" class="n">distinct entities</th><th scope="col" class="n">noise floor</th><th scope="col" class="n">settle p99</th><th scope="col" class="n">p99 primary</th><th scope="col" class="n">p99 twin</th>
      </tr></thead><tbody>${data.routes.map(
        (row) => html`<tr>
        <th scope="row"><button class="small outline" aria-pressed=${route === row.key} onClick=${() => setRoute(route === row.key ? '' : row.key)}>${row.key}</button></th>
        <td><${Rate} rate=${row.rate} of=${row.compared} bound=${row.bound} limit=${data.limit} /></td><td><${Mix} verdicts=${row.verdicts} /></td>
        <td class="n">${count(row.entities)}</td><td class="n">${percent(row.noise)}</td><td class="n">${millis(row.settleP99)}</td><td class="n">${millis(row.latency.primary?.p99)}</td><td class="n">${millis(row.latency.twin?.p99)}</td>
      </tr>`,
      )}</tbody></table></div>
      ${data.routes
        .filter((row) => route === '' || row.key === route)
        .slice(0, route === '' ? 0 : 1)
        .map((row) => html`<${Route} row=${row} />`)}
      ${route === '' ? html`<p class="dim">Choose a route for its latencies and query shapes.</p>` : null}
      <${Noise} rows=${data.noise} /><${Failures} rows=${data.failures} />`}
    <//>
    <h2>Reads by verdict${route === '' ? '' : `: ${route}`}</h2>
    <${Loaded} of=${series}>${(data) => html`<${ReadsChart} points=${data.points} onRange=${setRange} zoomed=${range !== null} />`}<//>`;
}

function Route({ row }) {
  return html`<section><h2>${row.key}</h2>
    <div class="sides"><div><h3>Latency to headers, primary</h3><${Latency} of=${row.latency.primary} tone="v-match" /></div>
      <div><h3>Latency to headers, twin</h3><${Latency} of=${row.latency.twin} tone="v-settled" /></div>
      <div><h3>Time to settle</h3><${Latency} of=${row.settle} tone="v-unstable" none="No read had to settle." /></div>
      <div><h3>Skipped and failed, by reason</h3><${Reasons} reasons=${row.reasons} /></div></div>
    <h3>Query shapes</h3>
    <${Cut} what="shapes" rows=${[...row.shapes, ...row.unseen.map((shape) => ({ shape, unseen: true }))]}
      head=${html`<th scope="col">shape</th><th scope="col" class="n">compared</th><th scope="col" class="n">mismatches</th><th scope="col" class="n">entities</th>`}
      row=${(shape) => html`<tr><td><code>${shape.shape}</code></td>${shape.unseen ? html`<td class="n warn" colspan="3">not seen yet</td>` : html`<td class="n">${count(shape.compared)}</td><td class="n">${count(shape.mismatches)}</td><td class="n">${count(shape.entities)}</td>`}</tr>`} /></section>`;
}

function Reasons({ reasons }) {
  const rows = Object.entries(reasons).toSorted(([, one], [, other]) => other - one);
  if (rows.length === 0) return html`<p class="dim">None.</p>`;
  return html`<${Bars} label="skipped and failed reads by reason" rows=${rows.map(([name, n]) => ({ name: name.replaceAll('_', ' '), n, tone: 'v-skipped' }))} />`;
}

function Noise({ rows }) {
  if (rows.length === 0) return null;
  return html`<h2>Where the primary disagrees with itself</h2><${Cut} what="paths" most=${5} rows=${rows} head=${html`<th scope="col">route</th><th scope="col">path</th><th scope="col" class="n">times</th><th scope="col">last</th>`}
    row=${(row) => html`<tr><td><${Path} text=${row.route} /></td><td><${Path} text=${row.path} /></td><td class="n">${count(row.count)}</td><td class="when">${ago(row.lastAt)}</td></tr>`} />`;
}

function Failures({ rows }) {
  if (rows.length === 0) return null;
  return html`<h2>Last failures</h2><${Cut} what="failures" most=${5} rows=${rows} head=${html`<th scope="col">route</th><th scope="col">verdict</th><th scope="col">reason</th><th scope="col" class="n">times</th><th scope="col">last</th><th scope="col">what it said</th>`}
    row=${(row) => html`<tr><td><${Path} text=${row.route} /></td><td>${row.verdict}</td><td>${row.reason}</td><td class="n">${count(row.count)}</td><td class="when">${ago(row.lastAt)}</td><td>${row.detail ?? ''}</td></tr>`} />`;
}

function Latency({ of, tone, none = 'No figures yet.' }) {
  if (of === null || of === undefined) return html`<p class="dim">${none}</p>`;
  return html`<p>p50 ${millis(of.p50)}, p95 ${millis(of.p95)}, p99 ${millis(of.p99)} of ${count(of.n)}</p>
    <${Bars} label="latency histogram" rows=${of.buckets.map((bucket) => ({ name: `up to ${millis(bucket.upToMs)}`, n: bucket.n, tone }))} />`;
}
