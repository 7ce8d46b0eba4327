import { Rounds } from '/assets/answers.js';
import { query, send } from '/assets/api.js';
import { Standing } from '/assets/change.js';
import { FaultActions, Marks } from '/assets/fault-actions.js';
import { counted, instant, measure, millis, redacted } from '/assets/format.js';
import { html, useState } from '/assets/html.js';
import { Opened, Reveal } from '/assets/pages/reveal.js';
import { Copy, Loaded, Path, Sentence, useAction, useData } from '/assets/parts.js';
import { Table } from '/assets/table.js';

/** What normalization did at a path, by the rule that looked at it. */
const RULES = {
  money: 'rounded to the scale of the currency before it was compared',
  aggregateMoney: 'compared within half a unit at the scale of the currency',
  ref: 'paired by id_map',
  instant: 'cut to the millisecond, whatever the spelling',
  duration: 'compared by its length, whatever the form; a day has 24 hours',
  enum: 'compared as it is, or by the twin’s own word where the rule gives one',
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
  return html`<p class="lead clamp"><${Sentence} text=${data.sentence} /></p>
    <p class="clamp"><code>${verdict.request.method} ${verdict.request.target}</code> <span class="dim">${instant(data.at)}, ${verdict.route.domain}</span></p>
    <div class="row"><button class="small" onClick=${recheck} aria-busy=${action.busy} disabled=${!data.canRecheck}>Ask again</button>
      ${data.canRecheck ? null : html`<span class="dim">This read cannot be asked again: no evidence of it is kept. Evidence needs a key (evidence.keyFile) and is deleted after evidence.ttlHours.</span>`}
      ${again === null ? null : html`<strong role="status" class=${again.kind === 'match' || again.kind === 'settled' ? 'good' : 'bad'}>now: ${again.kind}${again.reason === null ? '' : ` (${again.reason})`}${again.differenceCount > 0 ? `, ${counted(again.differenceCount, 'difference')}` : ''}</strong>`}
      ${data.traceLink === null ? html`<span>trace <code>${verdict.trace.traceId}</code></span>` : html`<a href=${data.traceLink} rel="noreferrer">trace ${verdict.trace.traceId}</a>`}</div>
    <${action.Failure} />
    ${again === null || again.differences.length === 0 ? null : html`<section aria-label="the new verdict"><h2>What differs now</h2><${Differences} rows=${again.differences} count=${again.differenceCount} /></section>`}
    <${FaultsShown} rows=${data.faults} changed=${reload} />
    <h2>What differs</h2><${Differences} rows=${verdict.differences} count=${verdict.differenceCount} />
    ${data.answers === null ? null : html`<${Answers} id=${data.id} rounds=${data.answers} />`}
    <details><summary>Cause, from the stored documents and rows</summary><${Cause} cause=${verdict.cause} /></details>
    <details><summary>Timeline and rules</summary><${Timeline} verdict=${verdict} />
      <p class="dim">Served by the ${verdict.served}, the twin answered in ${verdict.representation === 'primary' ? "the primary's" : 'its own'} representation, rules <code>${verdict.rulesDigest}</code>, fingerprint <a href=${`#/mismatches${query({ fingerprint: data.fingerprint })}`}><code>${data.fingerprint}</code></a></p></details>
    <details><summary>Send the request yourself</summary><${Copy} text=${data.curl} label="curl command without credentials" /></details>`;
}

/** As everybody may see them; opened with the reveal token, with their values in the same place. */
function Answers({ id, rounds }) {
  const [opened, setOpened] = useState(null);
  return html`<h2>The two answers</h2>${
    opened === null
      ? html`<p class="dim">Types, lengths and hashes; equal hashes mean equal values. Values are shown only where their rule or redaction.showPaths allows it.</p>
      <${Rounds} rounds=${rounds} /><${Reveal} id=${id} opened=${setOpened} />`
      : html`<${Opened} of=${opened} close=${() => setOpened(null)} />`
  }`;
}

/** The faults that the read shows, each with its actions. */
function FaultsShown({ rows, changed }) {
  if (rows.length === 0) return null;
  return html`<h2>${rows.length === 1 ? 'The fault' : `${rows.length} faults`}</h2>
    <${Table} what="fault" most=${4} few=${2} rows=${rows} keyOf=${({ id }) => id} columns=${[
      {
        name: 'what is wrong',
        head: true,
        kind: 'sentence',
        cell: (row) => html`<div class="clamp"><${Sentence} text=${row.sentence} /></div><${Marks} row=${row} />`,
      },
      { name: 'state', kind: 'standing bare inline', cell: (row) => html`<${Standing} row=${row} />` },
      { name: 'actions', kind: 'bare inline', cell: (row) => html`<${FaultActions} row=${row} changed=${changed} />` },
    ]} />`;
}

const DIFFERENCES = [
  {
    name: 'path',
    head: true,
    kind: 'sentence',
    cell: ({ path }) => html`<span class="clamp"><${Path} text=${path === '' ? '(whole body)' : path} /></span>`,
  },
  { name: 'kind', cell: ({ kind }) => kind },
  { name: 'primary', cell: (row) => html`<span class="mono clamp">${redacted(row.primary)}</span>` },
  { name: 'twin', cell: (row) => html`<span class="mono clamp">${redacted(row.twin)}</span>` },
  { name: 'measure', cell: (row) => html`<span class="clamp">${measure(row.measure)}</span>` },
  {
    name: 'rule',
    cell: ({ rule }) =>
      html`<span class="clamp">${rule}${RULES[rule] === undefined ? null : html` <span class="dim">${RULES[rule]}</span>`}</span>`,
  },
];

function Differences({ rows, count }) {
  return html`<${Table} what="difference" most=${8} few=${3} rows=${rows} columns=${DIFFERENCES} />
    ${count > rows.length ? html`<p class="dim">${counted(count - rows.length, 'more was', 'more were')} counted but not stored.</p>` : null}`;
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
