/** The small pieces all pages are made of. */

import { get } from '/assets/api.js';
import { ago, count } from '/assets/format.js';
import { html, useCallback, useEffect, useRef, useState } from '/assets/html.js';
import { rateWords } from '/assets/words/figure-words.js';

/**
 * Loads a path and tells its state: loading, ready, error (nothing to show), stale (older data is shown).
 * Loads again whenever `pulse` changes.
 */
export function useData(path, pulse = 0) {
  const [held, setHeld] = useState({ state: 'loading', data: null, error: null, at: null, path: null });
  const wanted = useRef(path);
  const load = useCallback(async () => {
    wanted.current = path;
    try {
      const data = await get(path);
      if (wanted.current === path) setHeld({ state: 'ready', data, error: null, at: Date.now(), path });
    } catch (error) {
      if (wanted.current === path) {
        setHeld((before) =>
          before.data === null || before.path !== path
            ? { state: 'error', data: null, error, at: null, path }
            : { ...before, state: 'stale', error },
        );
      }
    }
  }, [path]);
  useEffect(() => {
    load();
  }, [load, pulse]);
  // What is shown is of another question: the answer to the present one is on its way.
  const behind = held.path !== null && held.path !== path;
  return { ...held, behind, reload: load };
}

/**
 * A list that pages: the first page renews itself, further ones are added below by a button. `list` names the rows in the
 * answer, `cursor` the parameter that its `next` goes into.
 */
export function usePages(path, { list, cursor, pulse = 0 }) {
  const first = useData(path, pulse);
  const action = useAction();
  const [held, setHeld] = useState({ path, rows: [], next: null, pages: 0 });
  const further = held.path === path ? held : { path, rows: [], next: null, pages: 0 };
  const more = async (at) => {
    const page = await action.run(() =>
      get(`${path}${path.includes('?') ? '&' : '?'}${cursor}=${encodeURIComponent(at)}`),
    );
    if (page !== undefined)
      setHeld({ path, rows: [...further.rows, ...page[list]], next: page.next, pages: further.pages + 1 });
  };
  const rowsOf = (data) => {
    const shown = new Set(data[list].map((row) => row.id));
    return [...data[list], ...further.rows.filter((row) => !shown.has(row.id))];
  };
  // Not a separate component: a new one at each render would take the focus away from the button.
  // Where the answer has a total, the button tells how many are left.
  const moreOf = (data, label) => {
    const next = further.pages > 0 ? further.next : data.next;
    const left = data.total === undefined ? '' : `, ${count(data.total - rowsOf(data).length)} left`;
    return html`<${action.Failure} />${next === null ? null : html`<button class="small outline more" aria-busy=${action.busy} onClick=${() => more(next)}>${label}${left}</button>`}`;
  };
  return { ...first, rowsOf, moreOf };
}

/** Shows the content with its loading, error or stale state; always in one element, which keeps its place on the page. */
export function Loaded(properties) {
  return html`<div class="loaded" aria-busy=${properties.of.behind ? 'true' : undefined}>${stateOf(properties)}</div>`;
}

function stateOf({ of, empty, children }) {
  if (of.state === 'loading') return html`<p aria-busy="true" role="status">Loading…</p>`;
  if (of.state === 'error') {
    return html`<div class="notice error" role="alert"><p>${of.error.message} <span class="dim">(${of.error.code})</span></p>
      <button class="small" onClick=${of.reload}>Try again</button></div>`;
  }
  const stale =
    of.state === 'stale'
      ? html`<p class="notice" role="status">Shown as of ${ago(of.at)}: ${of.error.message}</p>`
      : null;
  const content = empty?.when(of.data) ? html`<p class="dim">${empty.say}</p>` : children(of.data);
  return html`${stale}<div>${content}</div>`;
}

/** Names between backticks are code. */
export function Sentence({ text }) {
  return html`${text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

/** A dialog that is open from the start. */
export function useDialog() {
  const dialog = useRef(null);
  useEffect(() => dialog.current?.showModal(), []);
  return dialog;
}

/** A path or route that may break behind each slash, and only there while there is room. */
export const Path = ({ text }) =>
  html`<code>${text.split('/').map((part, at) => (at === 0 ? part : html`/<wbr />${part}`))}</code>`;

const VERDICTS = ['match', 'settled', 'mismatch', 'unstable', 'twin_error', 'twin_timeout', 'skipped'];

/** The verdict mix as a bar, with the figures for screen readers. */
export function Mix({ verdicts }) {
  const total = VERDICTS.reduce((sum, kind) => sum + (verdicts[kind] ?? 0), 0);
  const told = VERDICTS.filter((kind) => verdicts[kind] > 0)
    .map((kind) => `${kind} ${count(verdicts[kind])}`)
    .join(', ');
  return html`<div class="mix" role="img" aria-label=${told || 'no reads'} title=${told}>
    ${VERDICTS.map((kind) => (verdicts[kind] > 0 ? html`<span class=${`v-${kind}`} style=${{ width: `${(verdicts[kind] / total) * 100}%` }}></span>` : null))}
  </div>`;
}

const OUTCOMES = { pass: ['good', '✓ passes'], fail: ['bad', '✗ fails'], undecided: ['warn', '? cannot decide'] };
const READY = ['ready', '✓ ready to flip'];
export function Outcome({ outcome, ready = false }) {
  const [tone, words] = ready ? READY : (OUTCOMES[outcome] ?? ['dim', 'not asked yet']);
  return html`<span class=${`badge ${tone}`}>${words}</span>`;
}

export const Stage = ({ stage, percent: share }) =>
  html`<span class="badge">${stage}${stage === 'flipped' && share < 100 ? ` ${share} %` : ''}</span>`;

export function Rate({ rate, of, bound = null, limit = null }) {
  const over = bound !== null && limit !== null && bound > limit;
  const [figure, ...known] = rateWords(rate, of, bound, limit).split(' (');
  return html`<span class=${over ? 'warn' : ''}><span class="whole">${figure}</span>${known.length === 0 ? null : html` <span class=${over ? 'whole' : 'whole dim'}>(${known.join(' (')}</span>`}</span>`;
}

/** A bar chart without a canvas: screen readers read it as a table. */
export function Bars({ rows, label }) {
  const most = Math.max(1, ...rows.map((row) => row.n));
  return html`<div class="bars" role="table" aria-label=${label}>
    ${rows.map(
      (row) => html`<div role="row" style=${{ display: 'contents' }}>
      <span role="rowheader" class="n">${row.name}</span>
      <span role="cell"><span class=${`bar mix ${row.tone ?? 'v-match'}`} style=${{ width: `${(row.n / most) * 100}%`, minWidth: '2px' }}></span></span>
      <span role="cell" class="n">${count(row.n)}</span></div>`,
    )}
  </div>`;
}

/** A histogram in upright bars; its figures are told to screen readers, and by pointing at a bar. */
export function Histogram({ rows, label, tone }) {
  const most = Math.max(1, ...rows.map((row) => row.n));
  const told = rows.filter(({ n }) => n > 0).map(({ name, n }) => `${name}: ${count(n)}`);
  return html`<figure class="histogram"><div role="img" aria-label=${`${label}: ${told.join(', ')}`}>
    ${rows.map(({ name, n }) => html`<span class="slot" title=${`${name}: ${count(n)}`}><span class=${tone} style=${{ height: `${(n / most) * 100}%`, minHeight: n > 0 ? '2px' : '0' }}></span></span>`)}</div>
    <figcaption class="dim"><span>${rows[0]?.name}</span><span>${rows.at(-1)?.name}</span></figcaption></figure>`;
}

export function Copy({ text, label }) {
  const [said, say] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say('copied');
    } catch {
      say('select the text and copy it');
    }
  };
  return html`<div><pre class="copy" tabindex="0" aria-label=${label}>${text}</pre>
    <button class="small secondary" onClick=${copy}>Copy</button> <span role="status">${said}</span></div>`;
}

/** Chooses one domain of the route table, or all. */
export function Domains({ value, onChange }) {
  const status = useData('/api/status');
  const known = Object.keys(status.data?.domains ?? {});
  const all = value === '' || known.includes(value) ? known : [value, ...known];
  return html`<label>Domain <select value=${value} onChange=${onChange}><option value="">all</option>${all.map((domain) => html`<option value=${domain}>${domain}</option>`)}</select></label>`;
}

/** Runs an action by button; says that it runs, and what went wrong. */
export function useAction() {
  const [state, setState] = useState({ busy: false, error: null });
  const run = async (work) => {
    setState({ busy: true, error: null });
    try {
      const result = await work();
      setState({ busy: false, error: null });
      return result;
    } catch (error) {
      setState({ busy: false, error });
      return undefined;
    }
  };
  const Failure = () =>
    state.error === null
      ? null
      : html`<p class="notice error" role="alert">${state.error.message} <span class="dim">(${state.error.code})</span></p>`;
  return { busy: state.busy, run, Failure };
}
