/** The answers of both sides, side by side: what differs is open and marked, what agrees is folded. */

import { counted, redacted } from '/assets/format.js';
import { html } from '/assets/html.js';

/** The first answers, and those of the reads again behind one line. `side` draws one side of a round. */
export function Rounds({ rounds, side = plainSide }) {
  const [first, ...again] = rounds;
  const round = ({ name, primary, twin }, open) =>
    html`<details class="round" open=${open}><summary><strong>${name}</strong></summary><div class="sides">${side('primary', primary)}${side('twin', twin)}</div></details>`;
  return html`${round(first, true)}${
    again.length === 0
      ? null
      : html`<details><summary>Read again, ${counted(again.length, 'time')}</summary>${again.map((one) => round(one, false))}</details>`
  }`;
}

const plainSide = (name, node) => html`<div><h3>${name}</h3><${Tree} node=${node} /></div>`;

export const Tree = ({ node }) => html`<div class="tree"><${Node} node=${node} /></div>`;

function Node({ node, name }) {
  if (node === null || node === undefined) return html`<div class="leaf dim">absent</div>`;
  const label = name === undefined ? '' : `${name}: `;
  const differs = node.differs ? 'differs' : '';
  if (node.children === undefined)
    return html`<div class=${`leaf ${differs}`}>${node.differs ? html`<span aria-label="differs">≠ </span>` : null}${label}${redacted(node)}</div>`;
  return html`<details open=${node.inside || name === undefined} class=${differs}><summary>${label}${node.type} of ${node.length}${node.differs ? ' ≠' : ''}</summary>
    <div class="kids"><${Kids} node=${node} /></div></details>`;
}

function Kids({ node }) {
  const cut = node.cut ? html`<div class="leaf dim">… ${node.cut} more</div>` : null;
  const show = (children) => children.map(([key, child]) => html`<${Node} name=${key} node=${child} />`);
  const telling = node.children.filter(([, child]) => child.differs || child.inside);
  // Nothing differs in it, or all of it does.
  if (telling.length === 0) return html`${show(node.children)}${cut}`;
  const agreeing = node.children.filter(([, child]) => !(child.differs || child.inside));
  return html`${show(telling)}${agreeing.length === 0 ? null : html`<details class="agree"><summary class="dim">${agreeing.length} that agree</summary>${show(agreeing)}</details>`}${cut}`;
}
