import { expect } from 'chai';
import { decide } from '../../src/gate/decide.ts';
import type { Decision } from '../../src/gate/decision.ts';
import { exitOf } from '../../src/gate/exit.ts';
import { renderDecisions } from '../../src/gate/render/index.ts';
import { waitForGates } from '../../src/gate/wait.ts';
import { counts, evidence, limits, setting } from './evidence.ts';

const pass = decide('payments', evidence(), limits, setting);
const fail = decide('payments', evidence({ counts: counts({ mismatch: 40, fatal: 1 }) }), limits, setting);
const undecided = decide('payments', evidence({ routes: [] }), limits, setting);

/** A decision whose every text is hostile. */
const HOSTILE = '<img src=x onerror=1> "\'&]]> | `code` [a](http://evil) @team \u001b[31m \u202e \ufffe -->';
const hostile: Decision = {
  ...undecided,
  domain: HOSTILE,
  configDigest: HOSTILE,
  missing: [HOSTILE],
  conditions: undecided.conditions.map((one) => ({ ...one, text: HOSTILE, missing: [HOSTILE], window: HOSTILE })),
};

describe('gate/render', () => {
  it('prints a table that says everything without colour', () => {
    const text = renderDecisions([pass, undecided], 'table');
    expect(text).to.contain('payments: PASS (0 % of 12,000 (at most 0.');
    expect(text).to.contain('payments: UNDECIDED');
    expect(text).to.match(/not yet +routes +0 +1 +0 of 1 route have/);
    expect(text).to.contain('- payments: 300 more comparisons on GET /api/payments/:id');
  });

  it('says one of a thing as one', () => {
    const one = { ...limits, minimumPerRoute: 1, minimumPerShape: 1 };
    const few = decide('payments', evidence(), one, setting);
    const texts = few.conditions.map(({ text }) => text);
    expect(texts).to.include('1 of 1 route has 1 distinct comparison of good answers, or all of its few answers');
    const none = decide('payments', evidence({ routes: [] }), one, setting);
    expect(none.missing).to.include('payments: 1 more comparison on GET /api/payments/:id');
  });

  it('names the first open faults, and says that there are more', () => {
    const names = ['payments/66d4f0a2…b8c9 amount', 'users/66a88ba4…0008 name'];
    const of = (open: number) => decide('payments', evidence({ faults: { open, names } }), limits, setting);
    expect(renderDecisions([of(3)], 'table')).to.contain(
      '3 open faults: payments/66d4f0a2…b8c9 amount, users/66a88ba4…0008 name, …',
    );
    expect(renderDecisions([of(2)], 'markdown')).to.match(/2 open faults: .* name$/m);
    const junit = renderDecisions([of(3)], 'junit');
    expect(junit).to.contain('<property name="openFaults" value="3 open faults: payments/66d4f0a2…b8c9 amount, ');
    expect(junit).to.contain('<system-out>3 open faults: payments/66d4f0a2…b8c9 amount, ');
    expect(JSON.parse(renderDecisions([of(3)], 'json')).decisions[0].faults).to.deep.equal({ open: 3, names });
    for (const format of ['table', 'markdown', 'junit'] as const)
      expect(renderDecisions([of(0)], format)).not.to.contain('open fault');
    const one = { open: 1, names: ['x/<b> "&amount'] };
    expect(renderDecisions([decide('payments', evidence({ faults: one }), limits, setting)], 'junit')).to.contain(
      '<system-out>1 open fault: x/&lt;b&gt; ',
    );
  });

  it('prints JSON with every condition', () => {
    const parsed: unknown = JSON.parse(renderDecisions([fail], 'json'));
    expect(parsed).to.deep.equal(JSON.parse(JSON.stringify({ decisions: [fail] })));
  });

  it('prints JUnit in which a no is a failure and a not yet an error', () => {
    const text = renderDecisions([fail, undecided], 'junit');
    expect(text).to.match(/<testsuite name="payments" tests="16" failures="2" errors="0"/);
    expect(text).to.match(/<failure type="fatal_mismatches" message="1 mismatch of money or identity">/);
    expect(text).to.match(/<error type="routes"/);
    expect(text.match(/<testcase/g)).to.have.length(32);
  });

  it('prints Markdown for a pull request', () => {
    const text = renderDecisions([fail], 'markdown');
    expect(text).to.contain('### Gate of payments: FAIL');
    expect(text).to.contain('| ❌ no | fatal\\_mismatches | 1 | 0 |');
  });

  it('escapes what is hostile in every format', () => {
    const table = renderDecisions([hostile], 'table');
    for (const bad of ['\u001b', '\u202e']) expect(table).to.not.contain(bad);
    const xml = renderDecisions([hostile], 'junit');
    for (const bad of ['<img', '\u001b', '\ufffe', ']]>']) expect(xml).to.not.contain(bad);
    expect(
      xml.match(/<(\/?[a-z]+)[ >]/g)?.every((tag) => /testsuite|testcase|propert|error|failure/.test(tag)),
    ).to.equal(true);
    expect(xml.match(/&(?!amp;|lt;|gt;|quot;|apos;)/g)).to.equal(null);
    const markdown = renderDecisions([hostile], 'markdown');
    for (const bad of ['<img', '](http', '@team']) expect(markdown).to.not.contain(bad);
    const columns = markdown.split('\n').filter((line) => line.startsWith('| '));
    for (const line of columns) expect(line.replaceAll('\\|', '').split('|')).to.have.length(7);
    expect(JSON.parse(renderDecisions([hostile], 'json')).decisions[0].domain).to.equal(HOSTILE);
  });

  it('exits 0 only where every domain passes, 1 where one fails, else 2', () => {
    expect(exitOf([pass, pass])).to.equal(0);
    expect(exitOf([pass, undecided, fail])).to.equal(1);
    expect(exitOf([pass, undecided])).to.equal(2);
    expect(exitOf([])).to.equal(2);
  });

  it('waits until no domain is undecided, and no longer than asked', async () => {
    let now = 0;
    const progress: number[] = [];
    const looks: Decision[] = [undecided, undecided, pass];
    const options = {
      domains: ['payments'],
      waitMs: 60_000,
      onProgress: (_decisions: readonly Decision[], left: number) => progress.push(left),
      now: () => now,
      sleep: async (ms: number) => {
        now += ms;
      },
    };
    const [decision] = await waitForGates({ ...options, evaluate: async () => looks.shift() ?? pass });
    expect(decision?.outcome).to.equal('pass');
    expect(progress).to.deep.equal([60_000, 55_000]);
    const [late] = await waitForGates({ ...options, waitMs: 12_000, evaluate: async () => undecided });
    expect(late?.outcome).to.equal('undecided');
  });
});
