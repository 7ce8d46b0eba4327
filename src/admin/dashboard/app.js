/** The dashboard: one page, its place kept behind the #, figures renewed when the port says that something changed. */

import { follow, get, whenSignedOut } from '/assets/api.js';
import { html, render, useEffect, useState } from '/assets/html.js';
import { Control } from '/assets/pages/control.js';
import { Domain } from '/assets/pages/domain.js';
import { Fault } from '/assets/pages/fault.js';
import { Faults } from '/assets/pages/faults.js';
import { Fingerprints } from '/assets/pages/fingerprints.js';
import { Gate } from '/assets/pages/gate.js';
import { Login } from '/assets/pages/login.js';
import { Mismatch } from '/assets/pages/mismatch.js';
import { Mismatches } from '/assets/pages/mismatches.js';
import { Overview } from '/assets/pages/overview.js';

const LINKS = [
  ['#/', 'Overview'],
  ['#/faults', 'Faults'],
  ['#/fingerprints', 'Fingerprints'],
  ['#/mismatches', 'Mismatches'],
  ['#/control', 'Control'],
];

/** `#/gate/payments?x=1` -> ['gate', 'payments'], parameters */
function place() {
  const [path = '', search = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const parts = path.split('/').map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return { parts, parameters: new URLSearchParams(search), key: location.hash };
}

function Page({ at, pulse }) {
  const [name, id] = at.parts;
  switch (name) {
    case '':
      return html`<${Overview} pulse=${pulse} />`;
    case 'domain':
      return html`<${Domain} pulse=${pulse} name=${id} />`;
    case 'faults':
      return html`<${Faults} pulse=${pulse} parameters=${at.parameters} />`;
    case 'fault':
      return html`<${Fault} pulse=${pulse} id=${id} />`;
    case 'fingerprints':
      return html`<${Fingerprints} pulse=${pulse} parameters=${at.parameters} />`;
    case 'mismatches':
      return html`<${Mismatches} parameters=${at.parameters} />`;
    case 'mismatch':
      return html`<${Mismatch} id=${id} />`;
    case 'gate':
      return html`<${Gate} pulse=${pulse} name=${id} />`;
    case 'control':
      return html`<${Control} pulse=${pulse} />`;
    default:
      return html`<h1>Nothing here</h1><p><a href="#/">To the overview</a></p>`;
  }
}

const LISTS = { fault: 'faults', mismatch: 'mismatches', domain: '', gate: '' };
const LIVE = { live: '● live', reconnecting: '○ reconnecting', off: '○ not live' };

function App() {
  const [at, go] = useState(place());
  const [pulse, setPulse] = useState(0);
  const [live, setLive] = useState('reconnecting');
  const [access, setAccess] = useState('unknown');
  const [notice, setNotice] = useState(null);
  const enter = () =>
    get('/api/status').then(
      (status) => {
        setNotice(status.notice);
        setAccess('in');
      },
      (failure) => setAccess(failure.status === 401 || failure.status === 429 ? 'out' : 'in'),
    );
  useEffect(() => {
    const moved = () => {
      go(place());
      document.querySelector('main')?.focus();
    };
    window.addEventListener('hashchange', moved);
    enter();
    return () => window.removeEventListener('hashchange', moved);
  }, []);
  useEffect(() => whenSignedOut(() => setAccess('out')), []);
  useEffect(() => (access === 'in' ? follow(() => setPulse((held) => held + 1), setLive) : undefined), [access]);
  useEffect(() => {
    document.title = `${[...at.parts].filter(Boolean).join(' ') || 'overview'} - shadowread`;
  }, [at.key]);
  // The page of one fault or mismatch belongs to its list.
  const here = `#/${LISTS[at.parts[0]] ?? at.parts[0]}`;
  return html`<a class="skip" href="#main" onClick=${(event) => {
    event.preventDefault();
    document.querySelector('main')?.focus();
  }}>Skip to the content</a>
    <header class="top container-fluid"><nav aria-label="Pages"><ul><li><strong>shadowread</strong></li>${LINKS.map(([link, name]) => html`<li><a href=${link} aria-current=${here === link ? 'page' : undefined}>${name}</a></li>`)}</ul>
      <ul><li><span class=${`live ${live === 'live' ? 'good' : 'warn'}`} role="status">${LIVE[live]}</span></li></ul></nav></header>
    <main class="container-fluid" tabindex="-1">${notice !== null && access === 'in' ? html`<p class="dim notice" role="note">${notice}</p>` : null}${access === 'unknown' ? html`<p aria-busy="true">Loading…</p>` : access === 'out' ? html`<${Login} entered=${enter} />` : html`<div key=${at.key}><${Page} at=${at} pulse=${pulse} /></div>`}</main>`;
}

const root = document.getElementById('app');
root.textContent = '';
render(html`<${App} />`, root);
