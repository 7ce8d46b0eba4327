/** Reads over time, by uPlot: drag to look closer; the same figures as a table behind it. */

import { count, instant, percent } from '/assets/format.js';
import { html, useEffect, useRef, useState } from '/vendor/htm.js';
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

const columnsOf = (points) => [
  points.map((point) => point.at / 1000),
  ...KINDS.map((kind) => points.map((point) => point.verdicts[kind] ?? 0)),
  points.map((point) => point.rate),
];

export function ReadsChart({ points, onRange, zoomed = false }) {
  const place = useRef(null);
  const drawn = useRef(null);
  const dark = useDark();
  const empty = points.every(({ verdicts }) => KINDS.every((kind) => (verdicts[kind] ?? 0) === 0));
  useEffect(() => {
    const element = place.current;
    if (element === null || empty) return undefined;
    const ink = getComputedStyle(document.body).color;
    const axis = { stroke: ink, grid: { stroke: 'rgba(128,128,128,0.2)' }, ticks: { stroke: 'rgba(128,128,128,0.3)' } };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: 220,
        cursor: { drag: { x: true, y: false, setScale: false } },
        scales: { x: { time: true }, rate: { range: (_plot, _low, high) => [0, Math.max(0.001, high ?? 0)] } },
        axes: [
          axis,
          { ...axis, size: 60 },
          {
            ...axis,
            scale: 'rate',
            side: 1,
            grid: { show: false },
            size: 70,
            values: (_plot, ticks) => ticks.map((tick) => percent(tick, 2)),
          },
        ],
        series: [
          {},
          ...KINDS.map((kind) => ({ label: kind, stroke: COLOURS[kind], width: 1.5 })),
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
      columnsOf(points),
      element,
    );
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: 220 }));
    resize.observe(element);
    drawn.current = plot;
    return () => {
      drawn.current = null;
      resize.disconnect();
      plot.destroy();
    };
  }, [empty, dark]);
  // New figures go into the existing chart, so that a drag or a hover is not interrupted.
  useEffect(() => drawn.current?.setData(columnsOf(points)), [points]);
  const whole = zoomed
    ? html`<button class="small outline" onClick=${() => onRange(null)}>Whole window</button>`
    : null;
  if (empty) return html`<p class="dim">No reads in this window.</p>${whole}`;
  return html`<div>
    <p class="row dim">${onRange === undefined ? null : 'Drag over the chart to look closer.'} ${whole}</p>
    <div class="chart" ref=${place} role="img" aria-label="Reads by verdict over time; the table below has the figures"></div>
    <details><summary>The figures as a table</summary><div class="scroll" tabindex="0"><table>
      <thead><tr><th scope="col">time</th>${KINDS.map((kind) => html`<th scope="col" class="n">${kind}</th>`)}<th scope="col" class="n">rate</th></tr></thead>
      <tbody>${points.slice(-60).map((point) => html`<tr><td>${instant(point.at)}</td>${KINDS.map((kind) => html`<td class="n">${count(point.verdicts[kind] ?? 0)}</td>`)}<td class="n">${percent(point.rate)}</td></tr>`)}</tbody>
    </table></div></details></div>`;
}

/** Whether the page is dark; a canvas does not follow the style sheet by itself. */
function useDark() {
  const [dark, setDark] = useState(matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const changed = () => setDark(scheme.matches);
    scheme.addEventListener('change', changed);
    return () => scheme.removeEventListener('change', changed);
  }, []);
  return dark;
}
