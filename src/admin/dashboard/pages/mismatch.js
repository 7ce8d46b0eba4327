import { query, send } from '/assets/api.js';
import { Standing } from '/assets/change.js';
import { FaultActions } from '/assets/fault-actions.js';
import { instant, measure, millis, redacted } from '/assets/format.js';
import { Reveal } from '/assets/pages/reveal.js';
import { Copy, Cut, Loaded, Sentence, useAction, useData } from '/assets/parts.js';
import { html, useState } from '/vendor/htm.js';

/** What normalization did at a path, by the rule that looked at it. */
const RULES = {
  money: 'rounded to the scale of the currency before it was compared',
  aggregateMoney: 'compared within half a unit at the scale of the currency',
  ref: 'paired by id_map',
  instant: 'cut to the millisecond, whatever the spelling',
  jsonb: 'compared as JSON; Extended JSON for ids, dates and decimals',
  cursor: 'decoded to its position',
  ratio: 'compared within one part in a thousand million',
  nullable: 'absent and null mean the same here',
  baseUnits: 'compared digit by digit',
  text: 'compared as it is: case, blanks and Unicode form count',
  number: 'compared by value, whatever the spelling',
  bool: 'compared as it is',
  strict: 'compared as it is; no rule names this place',
  list: 'paired by the key or order that the rule names',
  csv: 'compared cell by cell, by column',
  secret: 'must not be shown by one side alone',
};

export function Mismatch({ id }) {
  const of = useData(`/api/mismatches/${encodeURIComponent(id)}`);
  return html`<h1>Mismatch</h1><${Loaded} of=${of}>${(data) => html`<${Detail} data=${data} reload=${of.reload} />`}<//>`;
}

/** The sentence, the possible actions, the differences; the details are folded below. */
function Detail({ data, reload }) {
  const { verdict } = data;
  const action = useAction();
  const [again, setAgain] = useState(null);
  const recheck = async () => {
    const result = await action.run(() => send('POST', `/api/mismatches/${encodeURIComponent(data.id)}/recheck`));
    if (result !== undefined) setAgain(result.verdict);
  };
  return html`<p class="lead"><${Sentence} text=${data.sentence} /></p>
    <p><code>${verdict.request.method} ${verdict.request.target}</code> <span class="dim">${instant(data.at)}, ${verdict.route.domain}</span></p>
    <div class="row"><button class="small" onClick=${recheck} aria-busy=${action.busy} disabled=${!data.canRecheck}>Ask again</button>
      ${data.canRecheck ? null : html`<span class="dim">This read cannot be asked again: no evidence of it is kept. Evidence needs a key (evidence.keyFile) and is deleted after evidence.ttlHours.</span>`}
      ${again === null ? null : html`<strong role="status" class=${again.kind === 'match' || again.kind === 'settled' ? 'good' : 'bad'}>now: ${again.kind}${again.reason === null ? '' : ` (${again.reason})`}${again.differenceCount > 0 ? `, ${again.differenceCount} differences` : ''}</strong>`}
      ${data.traceLink === null ? html`<span>trace <code>${verdict.trace.traceId}</code></span>` : html`<a href=${data.traceLink} rel="noreferrer">trace ${verdict.trace.traceId}</a>`}</div>
    <${action.Failure} />
    ${again === null || again.differences.length === 0 ? null : html`<section aria-label="the new verdict"><h2>What differs now</h2><${Differences} rows=${again.differences} count=${again.differenceCount} /></section>`}
    <${FaultsShown} rows=${data.faults} changed=${reload} />
    <h2>What differs</h2><${Differences} rows=${verdict.differences} count=${verdict.differenceCount} />
    ${
      data.answers === null
        ? null
        : html`<h2>The two answers</h2>
      <p class="dim">Types, lengths and hashes; equal hashes mean equal values. Values are shown only where their rule or redaction.showPaths allows it.</p>
      ${data.answers.slice(0, 1).map((round) => html`<${Round} round=${round} open />`)}
      ${data.answers.length < 2 ? null : html`<details><summary>Read again, ${data.answers.length - 1} ${data.answers.length === 2 ? 'time' : 'times'}</summary>${data.answers.slice(1).map((round) => html`<${Round} round=${round} />`)}</details>`}
      <${Reveal} id=${data.id} />`
    }
    <details><summary>Cause, from the stored documents and rows</summary><${Cause} cause=${verdict.cause} /></details>
    <details><summary>Timeline and rules</summary><${Timeline} verdict=${verdict} />
      <p class="dim">Served by the ${verdict.served}, the twin answered in ${verdict.representation === 'primary' ? "the primary's" : 'its own'} representation, rules <code>${verdict.rulesDigest}</code>, fingerprint <a href=${`#/mismatches${query({ fingerprint: data.fingerprint })}`}><code>${data.fingerprint}</code></a></p></details>
    <details><summary>Send the request yourself</summary><${Copy} text=${data.curl} label="curl command without credentials" /></details>`;
}

/** The faults that the read shows, each with its actions. */
function FaultsShown({ rows, changed }) {
  if (rows.length === 0) return null;
  return html`<h2>${rows.length === 1 ? 'The fault' : `${rows.length} faults`}</h2>
    <${Cut} what="faults" most=${4} rows=${rows} head=${html`<th scope="col">what is wrong</th><th scope="col">state</th><th scope="col">actions</th>`}
      row=${(row) => html`<tr key=${row.id}><th scope="row" class="sentence"><${Sentence} text=${row.sentence} /><div><span class="badge">${row.cause}</span> <a href=${`#/fault/${row.id}`}><code>${row.id}</code></a></div></th><td><${Standing} row=${row} /></td><td><${FaultActions} row=${row} changed=${changed} /></td></tr>`} />`;
}

function Differences({ rows, count }) {
  return html`<${Cut} what="differences" most=${8} rows=${rows} head=${html`<th scope="col">path</th><th scope="col">kind</th><th scope="col">primary</th><th scope="col">twin</th><th scope="col">measure</th><th scope="col">rule</th>`}
      row=${(row) => html`<tr><th scope="row"><code>${row.path === '' ? '(whole body)' : row.path}</code></th><td>${row.kind}</td><td class="mono">${redacted(row.primary)}</td><td class="mono">${redacted(row.twin)}</td><td>${measure(row.measure)}</td><td>${row.rule}${RULES[row.rule] === undefined ? null : html` <span class="dim">${RULES[row.rule]}</span>`}</td></tr>`} />
    ${count > rows.length ? html`<p class="dim">${count - rows.length} more were counted but not stored.</p>` : null}`;
}

const WHY = {
  known_gap: 'A write reached MongoDB but not Postgres; it is listed in pg_dualwrite_gaps.',
  missing_row: 'The document has no row: it was never backfilled.',
  extra_row: 'The row has no document: it was deleted, or never existed.',
  data_drift: 'The values of the row differ from its document: the data is wrong, not the query.',
  twin_logic: "Rows and documents agree: the twin's query or code causes the difference.",
  unknown: 'The stores could not be read.',
};

function Cause({ cause }) {
  if (cause === null) return html`<p class="dim">Not looked for.</p>`;
  return html`<p><span class="badge">${cause.cause}</span> ${WHY[cause.cause] ?? ''} ${cause.note === null ? '' : html`<span class="dim">${cause.note}</span>`}</p>
    ${cause.entities.map(
      (
        entity,
      ) => html`<details open=${entity.fields.length > 0}><summary><code>${entity.collection}/${entity.mongoId}</code> ${entity.state}${entity.uuid === null ? '' : html` <span class="dim">row ${entity.uuid}</span>`}</summary>
      ${entity.fields.length === 0 ? html`<p class="dim">No stored field differs.</p>` : html`<${Differences} rows=${entity.fields} count=${entity.fields.length} />`}</details>`,
    )}`;
}

function Round({ round, open = false }) {
  return html`<details class="round" open=${open}><summary><strong>${round.name}</strong></summary><div class="sides"><div><h3>primary</h3><div class="tree"><${Node} node=${round.primary} /></div></div><div><h3>twin</h3><div class="tree"><${Node} node=${round.twin} /></div></div></div></details>`;
}

/** One node of a redacted answer: what differs is open and marked, what agrees is folded. */
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
  if (!node.inside) return html`${show(node.children)}${cut}`;
  const telling = node.children.filter(([, child]) => child.differs || child.inside);
  const agreeing = node.children.filter(([, child]) => !(child.differs || child.inside));
  return html`${show(telling)}${agreeing.length === 0 ? null : html`<details class="agree"><summary class="dim">${agreeing.length} that agree</summary>${show(agreeing)}</details>`}${cut}`;
}

function Timeline({ verdict }) {
  const rows = [
    { at: verdict.at, what: 'the client asked' },
    ...(verdict.primary === null
      ? []
      : [
          {
            at: verdict.primary.askedAt,
            what: `primary: ${verdict.primary.status ?? 'no answer'}, headers after ${millis(verdict.primary.headersMs)}`,
          },
        ]),
    ...(verdict.twin === null
      ? []
      : [
          {
            at: verdict.twin.askedAt,
            what: `twin: ${verdict.twin.status ?? 'no answer'}, headers after ${millis(verdict.twin.headersMs)}`,
          },
        ]),
    ...verdict.rechecks.map((recheck, index) => ({
      at: recheck.primary?.askedAt ?? recheck.twin?.askedAt ?? verdict.at + recheck.afterMs,
      what: `read again (${index + 1}), ${millis(recheck.afterMs)} after the first compare: ${recheck.agreed ? 'agreed' : 'still differed'}`,
    })),
  ].toSorted((one, other) => one.at - other.at);
  return html`<ol>${rows.map((row) => html`<li><span class="mono">+${millis(row.at - verdict.at)}</span> ${row.what}</li>`)}</ol>`;
}
