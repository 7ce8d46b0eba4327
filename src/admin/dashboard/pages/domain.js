import { query } from '/assets/api.js';
import { ReadsChart } from '/assets/chart.js';
import { ago, count, millis, percent } from '/assets/format.js';
import { html, useState } from '/assets/html.js';
import { Bars, Histogram, Loaded, Mix, Path, Rate, useData } from '/assets/parts.js';
import { Table } from '/assets/table.js';

export function Domain({ pulse, name }) {
  const [route, setRoute] = useState('');
  const [range, setRange] = useState(null);
  const detail = useData(`/api/domains/${encodeURIComponent(name)}`, pulse);
  const series = useData(`/api/series${query({ ...(range ?? {}), domain: name, route })}`, pulse);
  return html`<h1 class="clamp">${name}</h1>
    <p class="row"><a href=${`#/gate/${encodeURIComponent(name)}`}>Gate</a> <a href=${`#/faults${query({ domain: name })}`}>Faults</a> <a href=${`#/mismatches${query({ domain: name })}`}>Mismatches</a> <a href=${`#/fingerprints${query({ domain: name })}`}>Fingerprints</a></p>
    <${Loaded} of=${detail} empty=${{ when: (data) => data.routes.length === 0, say: 'This domain has no routes.' }}>
      ${(
        data,
      ) => html`<p class="row"><strong>Mismatch rate</strong> <${Rate} rate=${data.rate} of=${data.compared} bound=${data.bound} limit=${data.limit} /></p>
      <${Table} what="route" most=${12} few=${6} rows=${data.routes} keyOf=${({ key }) => key} columns=${columnsOf(route, setRoute)} />
      <p class="dim small-print">${windowsOf(data.epoch)}</p>
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

const columnsOf = (chosen, choose) => [
  {
    name: 'route',
    head: true,
    cell: ({ key }) =>
      html`<button class="small outline route" aria-pressed=${chosen === key} onClick=${() => choose(chosen === key ? '' : key)}><span class="clamp">${key}</span></button>`,
  },
  {
    name: 'mismatch rate',
    kind: 'rate bare inline',
    cell: (row) => html`<${Rate} rate=${row.rate} of=${row.compared} />`,
  },
  { name: 'verdicts', kind: 'bare', cell: (row) => html`<${Mix} verdicts=${row.verdicts} />` },
  { name: 'distinct entities', kind: 'n wide', cell: (row) => count(row.entities) },
  { name: 'noise floor', kind: 'n wide', cell: (row) => percent(row.noise) },
  { name: 'settle p99', kind: 'n wide', cell: (row) => millis(row.settleP99) },
  { name: 'p99 primary', kind: 'n wide', cell: ({ latency }) => millis(latency.primary?.p99) },
  { name: 'p99 twin', kind: 'n wide', cell: ({ latency }) => millis(latency.twin?.p99) },
];

/** Which reads the figures are of. */
const windowsOf = (epoch) =>
  epoch === null
    ? 'All figures are since the start of this process.'
    : `Rates and entities are of epoch ${epoch.ordinal}, which began ${ago(epoch.beganAt)}, as the gate counts them: a question and its answer once. Verdicts and times are of the last 24 hours.`;

function Route({ row }) {
  return html`<section><h2>${row.key}</h2>
    <div class="sides"><div><h3>Latency to headers, primary</h3><${Latency} of=${row.latency.primary} tone="v-match" /></div>
      <div><h3>Latency to headers, twin</h3><${Latency} of=${row.latency.twin} tone="v-settled" /></div>
      <div><h3>Time to settle</h3><${Latency} of=${row.settle} tone="v-unstable" none="No read had to settle." /></div>
      <div><h3>Skipped and failed, by reason</h3><${Reasons} reasons=${row.reasons} /></div></div>
    <h3>Query shapes</h3>
    <${Table} what="shape" most=${8} few=${5} rows=${[...row.shapes, ...row.unseen.map((shape) => ({ shape, unseen: true }))]} columns=${SHAPES} /></section>`;
}

const figureOf = (name) => (shape) => (shape.unseen ? '–' : count(shape[name]));
const SHAPES = [
  {
    name: 'shape',
    head: true,
    kind: 'sentence',
    cell: ({ shape, unseen }) =>
      html`<span class="clamp"><code>${shape}</code>${unseen ? html` <span class="warn">not seen yet</span>` : null}</span>`,
  },
  { name: 'compared', kind: 'n inline', cell: figureOf('compared') },
  { name: 'mismatches', kind: 'n inline', cell: figureOf('mismatches') },
  { name: 'entities', kind: 'n wide', cell: figureOf('entities') },
];

function Reasons({ reasons }) {
  const rows = Object.entries(reasons).toSorted(([, one], [, other]) => other - one);
  if (rows.length === 0) return html`<p class="dim">None.</p>`;
  return html`<${Bars} label="skipped and failed reads by reason" rows=${rows.map(([name, n]) => ({ name: name.replaceAll('_', ' '), n, tone: 'v-skipped' }))} />`;
}

function Noise({ rows }) {
  if (rows.length === 0) return null;
  return html`<h2>Where the primary disagrees with itself</h2><${Table} what="path" most=${5} few=${3} rows=${rows} columns=${NOISE} />`;
}

const routeColumn = {
  name: 'route',
  head: true,
  kind: 'sentence',
  cell: ({ route }) => html`<span class="clamp"><${Path} text=${route} /></span>`,
};
const timesColumn = { name: 'times', kind: 'n inline', cell: (row) => count(row.count) };
const lastColumn = { name: 'last', kind: 'when inline', cell: ({ lastAt }) => ago(lastAt) };

const NOISE = [
  routeColumn,
  { name: 'path', kind: 'bare', cell: ({ path }) => html`<span class="clamp"><${Path} text=${path} /></span>` },
  timesColumn,
  lastColumn,
];

const FAILURES = [
  routeColumn,
  {
    name: 'what it said',
    kind: 'bare',
    cell: ({ verdict, reason, detail }) =>
      html`<span class="clamp">${[verdict, reason, detail].filter(Boolean).join(': ')}</span>`,
  },
  timesColumn,
  lastColumn,
];

function Failures({ rows }) {
  if (rows.length === 0) return null;
  return html`<h2>Last failures</h2><${Table} what="failure" most=${5} few=${3} rows=${rows} columns=${FAILURES} />`;
}

function Latency({ of, tone, none = 'No figures yet.' }) {
  if (of === null || of === undefined) return html`<p class="dim">${none}</p>`;
  return html`<p>p50 ${millis(of.p50)}, p95 ${millis(of.p95)}, p99 ${millis(of.p99)} of ${count(of.n)}</p>
    <${Histogram} label="latency histogram" tone=${tone} rows=${of.buckets.map((bucket) => ({ name: `up to ${millis(bucket.upToMs)}`, n: bucket.n }))} />`;
}
