/** Reads over time, by uPlot: drag to zoom in, double-click to zoom out; the same figures as a table behind it. */

import { count, instant, percent } from '/assets/format.js';
import { html, useEffect, useRef } from '/vendor/htm.js';
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

export function ReadsChart({ points, onRange }) {
  const place = useRef(null);
  useEffect(() => {
    const element = place.current;
    if (element === null || points.length === 0) return undefined;
    const ink = getComputedStyle(document.body).color;
    const axis = { stroke: ink, grid: { stroke: 'rgba(128,128,128,0.2)' }, ticks: { stroke: 'rgba(128,128,128,0.3)' } };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: 220,
        cursor: { drag: { x: true, y: false } },
        scales: { x: { time: true }, rate: { range: (_plot, _low, high) => [0, Math.max(0.001, high ?? 0)] } },
        axes: [
          axis,
          { ...axis, size: 60 },
          {
            ...axis,
            scale: 'rate',
            side: 1,
            size: 70,
            values: (_plot, ticks) => ticks.map((tick) => percent(tick, 2)),
          },
        ],
        series: [
          {},
          ...KINDS.map((kind) => ({ label: kind, stroke: COLOURS[kind], width: 1.5 })),
          { label: 'mismatch rate', scale: 'rate', stroke: ink, dash: [4, 3], value: (_plot, value) => percent(value) },
        ],
        hooks: {
          setScale: [
            (drawn, key) => {
              if (key !== 'x' || onRange === undefined) return;
              const { min, max } = drawn.scales.x;
              onRange({ from: min * 1000, to: max * 1000 });
            },
          ],
        },
      },
      [
        points.map((point) => point.at / 1000),
        ...KINDS.map((kind) => points.map((point) => point.verdicts[kind] ?? 0)),
        points.map((point) => point.rate),
      ],
      element,
    );
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: 220 }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      plot.destroy();
    };
  }, [points]);
  if (points.length === 0) return html`<p class="dim">No reads in this window.</p>`;
  return html`<div>
    <div class="chart" ref=${place} role="img" aria-label="Reads by verdict over time; the table below has the figures"></div>
    <details><summary>The figures as a table</summary><div class="scroll" tabindex="0"><table>
      <thead><tr><th scope="col">time</th>${KINDS.map((kind) => html`<th scope="col" class="n">${kind}</th>`)}<th scope="col" class="n">rate</th></tr></thead>
      <tbody>${points.slice(-60).map((point) => html`<tr><td>${instant(point.at)}</td>${KINDS.map((kind) => html`<td class="n">${count(point.verdicts[kind] ?? 0)}</td>`)}<td class="n">${percent(point.rate)}</td></tr>`)}</tbody>
    </table></div></details></div>`;
}
