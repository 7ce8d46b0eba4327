import { query } from '/assets/api.js';
import { ReadsChart } from '/assets/chart.js';
import { count, millis } from '/assets/format.js';
import { Cut, Loaded, Mix, Outcome, Path, Rate, Stage, useData } from '/assets/parts.js';
import { html, useState } from '/vendor/htm.js';

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
        <div class="scroll" tabindex="0"><table class="cards"><caption class="aside">One row per domain</caption><thead><tr>
          <th scope="col">domain</th><th scope="col">stage</th><th scope="col">gate</th><th scope="col" class="n">faults</th><th scope="col">mismatch rate</th><th scope="col">verdicts</th><th scope="col" class="n">routes seen</th><th scope="col" class="n">p99 primary</th><th scope="col" class="n">p99 twin</th>
        </tr></thead><tbody>${data.domains.map(
          (row) => html`<tr class=${isReady(row) ? 'ready' : ''}>
          <th scope="row"><a href=${`#/domain/${encodeURIComponent(row.domain)}`}>${row.domain}</a></th>
          <td data-label="stage"><${Stage} stage=${row.stage} percent=${row.percent} /></td>
          <td data-label="gate" class="gate"><a href=${`#/gate/${encodeURIComponent(row.domain)}`}><${Outcome} outcome=${row.gate.outcome} ready=${isReady(row)} /></a>${row.gate.reason === null ? null : html` <span class="dim">${row.gate.reason}</span>`}</td>
          <td data-label="faults" class="n">${row.openFaults === 0 ? html`<span class="dim">none</span>` : html`<a class="bad" href=${`#/faults${query({ domain: row.domain })}`}>${count(row.openFaults)} open</a>`}</td>
          <td data-label="mismatch rate" class="rate"><${Rate} rate=${(row.evidence ?? row).rate} of=${(row.evidence ?? row).compared} bound=${row.bound} limit=${row.limit} /></td>
          <td data-label="verdicts"><${Mix} verdicts=${row.verdicts} /></td>
          <td data-label="routes seen" class="n wide">${row.routesSeen} of ${row.routes}</td>
          <td data-label="p99 primary" class="n wide">${millis(row.primaryP99)}</td><td data-label="p99 twin" class="n wide">${millis(row.twinP99)}</td>
        </tr>`,
        )}</tbody></table></div>`}
    <//>
    <${Unknown} pulse=${pulse} />
    <h2>Reads by verdict</h2>
    <${Loaded} of=${series}>${(data) => html`<${ReadsChart} points=${data.points} onRange=${setRange} zoomed=${range !== null} />`}<//>`;
}

/** The gate passes and no fault is open: the domain may flip. */
const isReady = ({ gate, stage, openFaults }) => gate.outcome === 'pass' && stage === 'shadow' && openFaults === 0;

/** A gap in coverage: reads that belong to no route. */
function Unknown({ pulse }) {
  const unknown = useData('/api/unknown', pulse);
  if (unknown.data === null || unknown.data.reads === 0) return null;
  const { reads, paths } = unknown.data;
  return html`<h2>Reads of no route</h2><p class="dim">${count(reads)} ${reads === 1 ? 'read' : 'reads'} matched no route: they pass to the primary and are not verified. These are the most frequent paths; * stands for a value.</p>
    <${Cut} what="paths" rows=${paths} head=${html`<th scope="col">path</th><th scope="col" class="n">reads</th><th scope="col">closest route, and what differs</th>`}
      row=${(row) => html`<tr><td><${Path} text=${row.path} /></td><td class="n">${row.atMostTooMany > 0 ? 'at most ' : ''}${count(row.count)}</td><td>${row.near === null ? '' : html`${row.near.differs}: <${Path} text=${row.near.route} />`}</td></tr>`} />`;
}
