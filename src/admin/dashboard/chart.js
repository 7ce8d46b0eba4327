/** Reads over time, by uPlot: drag to look closer; the same figures as a table behind it. */

import { count, moment, percent } from '/assets/format.js';
import { html, useEffect, useRef, useState } from '/assets/html.js';
import uPlot from '/vendor/uplot.js';

const COLOURS = {
  match: '#2e9e6b',
  settled: '#4aa3c9',
  mismatch: '#d0473c',
  unstable: '#b58b2a',
  twin_error: '#8c4fb3',
  twin_timeout: '#5b5ba8',
  skipped: '#9a9a9a',
};
const KINDS = Object.keys(COLOURS);
const HEIGHT = 200;

const columnsOf = (points, kinds) => [
  points.map((point) => point.at / 1000),
  ...kinds.map((kind) => points.map((point) => point.verdicts[kind] ?? 0)),
  points.map((point) => point.rate),
];

const MINUTE = 60;
/** Between two marks of the time axis, s: nothing is counted finer than by the minute. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080].map((minutes) => minutes * MINUTE);

/** In UTC, as all instants of the dashboard: the time, and the day where one begins. */
const timeOf = (seconds) => {
  const text = new Date(seconds * 1000).toISOString();
  return text.slice(11, 16) === '00:00' ? text.slice(5, 10) : text.slice(11, 16);
};

export function ReadsChart({ points, onRange, zoomed = false }) {
  const place = useRef(null);
  const drawn = useRef(null);
  const dark = useDark();
  // Kinds that did not occur would be lines at zero.
  const kinds = KINDS.filter((kind) => points.some(({ verdicts }) => (verdicts[kind] ?? 0) > 0));
  const empty = kinds.length === 0;
  useEffect(() => {
    const element = place.current;
    if (element === null || empty) return undefined;
    const ink = getComputedStyle(document.body).color;
    const axis = { stroke: ink, grid: { stroke: 'rgba(128,128,128,0.2)' }, ticks: { stroke: 'rgba(128,128,128,0.3)' } };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        cursor: { drag: { x: true, y: false, setScale: false } },
        scales: { x: { time: true }, rate: { range: (_plot, _low, high) => [0, Math.max(0.001, (high ?? 0) * 1.1)] } },
        tzDate: (at) => uPlot.tzDate(new Date(at * 1000), 'Etc/UTC'),
        axes: [
          { ...axis, incrs: STEPS, values: (_plot, ticks) => ticks.map(timeOf) },
          { ...axis, size: 50 },
          {
            ...axis,
            scale: 'rate',
            side: 1,
            grid: { show: false },
            size: 58,
            values: (_plot, ticks) => ticks.map((tick) => percent(tick)),
          },
        ],
        series: [
          { label: 'time', value: (_plot, at) => (at === null ? '' : `${timeOf(at)} UTC`) },
          ...kinds.map((kind) => ({ label: kind.replace('_', ' '), stroke: COLOURS[kind], width: 1.5 })),
          {
            label: 'mismatch rate',
            scale: 'rate',
            stroke: ink,
            dash: [4, 3],
            width: 1.5,
            spanGaps: true,
            value: (_plot, value) => percent(value),
          },
        ],
        hooks: {
          setSelect: [
            (chart) => {
              const { left, width } = chart.select;
              if (onRange === undefined || width < 5) return;
              const at = (pixel) => Math.round(chart.posToVal(pixel, 'x') / 60) * 60_000;
              const from = at(left);
              onRange({ from, to: Math.max(from + 300_000, at(left + width)) });
              chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
        },
      },
      columnsOf(points, kinds),
      element,
    );
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    resize.observe(element);
    drawn.current = plot;
    return () => {
      drawn.current = null;
      resize.disconnect();
      plot.destroy();
    };
  }, [kinds.join(), dark]);
  // New figures go into the existing chart, so that a drag or a hover is not interrupted.
  useEffect(() => drawn.current?.setData(columnsOf(points, kinds)), [points]);
  const whole = zoomed
    ? html`<button class="small outline" onClick=${() => onRange(null)}>Whole window</button>`
    : null;
  if (empty) return html`<p class="dim">No reads in this window.</p>${whole}`;
  return html`<div>
    ${whole}
    <div class="chart" ref=${place} role="img" aria-label="Reads by verdict over time; the table below has the figures"></div>
    <details><summary>The figures as a table${onRange === undefined ? null : html`<span class="by-pointer">; drag over the chart to look closer</span>`}</summary><div class="scroll" tabindex="0"><table>
      <thead><tr><th scope="col">time</th>${kinds.map((kind) => html`<th scope="col" class="n">${kind.replace('_', ' ')}</th>`)}<th scope="col" class="n">rate</th></tr></thead>
      <tbody>${points.slice(-60).map((point) => html`<tr><td class="when">${moment(point.at)}</td>${kinds.map((kind) => html`<td class="n">${count(point.verdicts[kind] ?? 0)}</td>`)}<td class="n">${percent(point.rate)}</td></tr>`)}</tbody>
    </table></div></details></div>`;
}

/** Whether the page is dark; a canvas does not follow the style sheet by itself. */
function useDark() {
  const [dark, setDark] = useState(matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const changed = () => setDark(scheme.matches);
    scheme.addEventListener('change', changed);
    changed();
    return () => scheme.removeEventListener('change', changed);
  }, []);
  return dark;
}
