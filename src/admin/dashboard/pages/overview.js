import { query } from '/assets/api.js';
import { ReadsChart } from '/assets/chart.js';
import { count, counted, millis } from '/assets/format.js';
import { html, useState } from '/assets/html.js';
import { Loaded, Mix, Outcome, Path, Rate, Stage, useData } from '/assets/parts.js';
import { Table } from '/assets/table.js';

const WINDOWS = [
  ['1 hour', 1],
  ['6 hours', 6],
  ['24 hours', 24],
  ['7 days', 168],
];

export function Overview({ pulse }) {
  // Without a choice the chart shows the window for which there is data.
  const [hours, setHours] = useState(null);
  const [range, setRange] = useState(null);
  const overview = useData(`/api/overview${query({ hours: hours ?? 24 })}`, pulse);
  const series = useData(`/api/series${query(range === null ? { hours } : range)}`, pulse);
  return html`<h1>Overview</h1>
    <div class="filters"><label>Window <select value=${hours ?? ''} onChange=${(event) => {
      setHours(event.target.value === '' ? null : Number(event.target.value));
      setRange(null);
    }}>
      <option value="">automatic</option>${WINDOWS.map(([name, value]) => html`<option value=${value}>${name}</option>`)}</select></label></div>
    <${Loaded} of=${overview} empty=${{ when: (data) => data.domains.length === 0, say: 'The route table is empty: add routes to the config.' }}>
      ${(
        data,
      ) => html`${data.shadowing ? null : html`<p class="notice" role="status">Shadowing is off: reads pass and are not verified. Switch it on under Control, or send SIGUSR2.</p>`}
        ${data.journal ? null : html`<p class="notice" role="status">No journal is configured: figures are of this process since its start, and no gate can be decided.</p>`}
        <${Table} label="One row per domain" what="domain" most=${16} few=${11} rows=${data.domains} keyOf=${({ domain }) => domain} rowClass=${(row) => (isReady(row) ? 'ready' : '')} columns=${COLUMNS} />
        <p class="dim small-print">Rates are ${data.journal ? "of each domain's present epoch, as its gate counts them" : 'since the start of this process'}; verdicts are ${data.journal ? `of the last ${hours ?? 24} hours` : 'too'}.</p>`}
    <//>
    <${Unknown} pulse=${pulse} />
    <h2>Reads by verdict <small class="dim">(times in UTC)</small></h2>
    <${Loaded} of=${series}>${(data) => html`<${ReadsChart} points=${data.points} onRange=${setRange} zoomed=${range !== null} />`}<//>`;
}

const COLUMNS = [
  {
    name: 'domain',
    head: true,
    cell: ({ domain }) => html`<a href=${`#/domain/${encodeURIComponent(domain)}`}>${domain}</a>`,
  },
  { name: 'stage', kind: 'bare inline', cell: (row) => html`<${Stage} stage=${row.stage} percent=${row.percent} />` },
  {
    name: 'gate',
    kind: 'bare inline gate',
    cell: (row) =>
      html`<a href=${`#/gate/${encodeURIComponent(row.domain)}`}><${Outcome} outcome=${row.gate.outcome} ready=${isReady(row)} /></a>${row.gate.reason === null ? null : html` <span class="dim clamp">${row.gate.reason}</span>`}`,
  },
  {
    name: 'faults',
    kind: 'n bare inline',
    cell: ({ openFaults, domain }) =>
      openFaults === 0
        ? html`<span class="dim none">none</span>`
        : html`<a class="bad" href=${`#/faults${query({ domain })}`}>${`${count(openFaults)} open`}</a>`,
  },
  {
    name: 'mismatch rate',
    kind: 'rate bare',
    cell: ({ rate, compared, bound, limit }) =>
      html`<${Rate} rate=${rate} of=${compared} bound=${bound} limit=${limit} />`,
  },
  { name: 'verdicts', kind: 'bare', cell: ({ verdicts }) => html`<${Mix} verdicts=${verdicts} />` },
  { name: 'routes seen', kind: 'n wide', cell: (row) => `${count(row.routesSeen)} of ${count(row.routes)}` },
  { name: 'p99 primary', kind: 'n wide', cell: ({ primaryP99 }) => millis(primaryP99) },
  { name: 'p99 twin', kind: 'n wide', cell: ({ twinP99 }) => millis(twinP99) },
];

/** The gate passes and no fault is open: the domain may flip. */
const isReady = ({ gate, stage, openFaults }) => gate.outcome === 'pass' && stage === 'shadow' && openFaults === 0;

/** A gap in coverage: reads that belong to no route. */
function Unknown({ pulse }) {
  const unknown = useData('/api/unknown', pulse);
  if (unknown.data === null || unknown.data.reads === 0) return null;
  const { reads, paths } = unknown.data;
  return html`<h2>Reads of no route</h2><p class="dim">${counted(reads, 'read matched no route: it passes to the primary and is', 'reads matched no route: they pass to the primary and are')} not verified. These are the most frequent paths; * stands for a value.</p>
    <${Table} what="path" most=${5} few=${3} rows=${paths} columns=${PATHS} />`;
}

const PATHS = [
  { name: 'path', head: true, cell: ({ path }) => html`<${Path} text=${path} />` },
  { name: 'reads', kind: 'n', cell: (row) => `${row.atMostTooMany > 0 ? 'at most ' : ''}${count(row.count)}` },
  {
    name: 'closest route, and what differs',
    kind: 'bare',
    cell: ({ near }) => (near === null ? '' : html`${near.differs}: <${Path} text=${near.route} />`),
  },
];
