import { expect } from 'chai';
import { decide } from '../../src/gate/decide.ts';
import type { Condition, ConditionName, Decision } from '../../src/gate/decision.ts';
import type { DomainEvidence, FingerprintEvidence } from '../../src/gate/evidence.ts';
import type { GateLimits } from '../../src/gate/limits.ts';
import { counts, declared, evidence, limits, route, setting } from './evidence.ts';

function decided(change: Partial<DomainEvidence> = {}, changed: Partial<GateLimits> = {}): Decision {
  return decide('payments', evidence(change), { ...limits, ...changed }, setting);
}

function condition(decision: Decision, name: ConditionName): Condition {
  const found = decision.conditions.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no condition ${name}`);
  return found;
}

const shape = route().shapes[0];
if (shape === undefined) throw new Error('no shape');

const acknowledged: FingerprintEvidence = {
  fingerprint: 'fp1',
  route: 'GET /api/payments/:id',
  kinds: ['value'],
  state: 'acknowledged',
  owner: 'ada',
  reason: 'rounding of 2019',
  expiresAt: Date.UTC(2026, 6, 1),
  count: 40,
  lastSeen: 0,
};

/** Each: what is changed, the condition that answers, what it answers. */
const TABLE: [
  title: string,
  change: Partial<DomainEvidence>,
  name: ConditionName,
  holds: boolean | null,
  limits?: Partial<GateLimits>,
][] = [
  ['ids that rest on one sighting are told', { ids: [{ collection: 'users', ids: 412, once: 32 }] }, 'ids', true],
  [
    'and leave it undecided where the config wants them confirmed',
    { ids: [{ collection: 'users', ids: 412, once: 32 }] },
    'ids',
    null,
    { idsOnceLimit: 0.05 },
  ],
  [
    'a replica fell silent',
    { journal: { replicas: 2, gaps: [{ instance: 'b/1', from: 0, seconds: 90 }], clockSkewMs: 0, activeEpochs: 1 } },
    'journal',
    null,
  ],
  [
    'two clocks differ by three seconds',
    { journal: { replicas: 2, gaps: [], clockSkewMs: 3_000, activeEpochs: 1 } },
    'journal',
    null,
  ],
  ['two builds are at work', { journal: { replicas: 2, gaps: [], clockSkewMs: 0, activeEpochs: 2 } }, 'journal', null],
  ['nothing was journalled', { epoch: null }, 'journal', null],
  ['a route has too few distinct comparisons', { routes: [route({ distinct: 299 })] }, 'routes', null],
  ['a route was never read', { routes: [] }, 'routes', null],
  ['a shape was compared 19 times', { routes: [route({ shapes: [{ ...shape, distinct: 19 }] })] }, 'shapes', null],
  [
    'a shape brings nothing new for 200 reads',
    { routes: [route({ shapes: [{ ...shape, distinct: 2, sinceLastNew: 200 }] })] },
    'shapes',
    true,
  ],
  [
    'the bound is over the limit and the rate under it',
    { routes: [route({ distinct: 4_000 })] },
    'mismatch_bound',
    null,
  ],
  [
    'the rate is over the limit',
    { counts: counts({ mismatch: 30 }), routes: [route({ distinctMismatches: 1 })] },
    'mismatch_bound',
    false,
  ],
  [
    'one hot entity differs in a thousand reads',
    { counts: counts({ mismatch: 1_000 }), routes: [route({ distinctMismatches: 1 })] },
    'mismatch_bound',
    false,
  ],
  ['one hot entity agrees twenty thousand times', { routes: [route({ distinct: 1 })] }, 'mismatch_bound', null],
  ['the twin fails too often', { counts: counts({ twinErrors: 200, twinTimeouts: 50 }) }, 'failure_bound', false],
  [
    'too few answers to know how often the twin fails',
    { counts: counts({ match: 300, settled: 0 }) },
    'failure_bound',
    null,
  ],
  ['one amount was wrong', { counts: counts({ mismatch: 1, fatal: 1 }) }, 'fatal_mismatches', false],
  ['nothing was compared', { counts: counts({ match: 0, settled: 0 }) }, 'fatal_mismatches', null],
  [
    'an open fingerprint is of a fatal kind',
    { fingerprints: [{ ...acknowledged, state: 'open' }] },
    'fatal_fingerprints',
    false,
    { fatalKinds: ['value'] },
  ],
  [
    'an open fingerprint is of another kind',
    { fingerprints: [{ ...acknowledged, state: 'open' }] },
    'fatal_fingerprints',
    true,
    { fatalKinds: ['missing'] },
  ],
  [
    'an acknowledged fingerprint is of a fatal kind',
    { fingerprints: [acknowledged] },
    'fatal_fingerprints',
    true,
    { fatalKinds: ['value'] },
  ],
  [
    'an acknowledgement has expired',
    { fingerprints: [{ ...acknowledged, expiresAt: Date.UTC(2026, 5, 1) }] },
    'acknowledgements',
    false,
  ],
  [
    'an acknowledgement is valid',
    { fingerprints: [acknowledged], counts: counts({ acknowledged: 40 }) },
    'acknowledgements',
    true,
  ],
  ['too many reads were shed', { counts: counts({ skippedByForce: 2_000 }) }, 'forced_skips', false],
  [
    'only reads skipped by choice were seen',
    { counts: counts({ match: 0, settled: 0, unstable: 0, skippedByForce: 0 }) },
    'forced_skips',
    null,
  ],
  ['the primary disagrees with itself', { counts: counts({ unstable: 300 }) }, 'unstable', false],
  ['too many reads had to settle', { counts: counts({ settled: 2_000 }) }, 'settled', false],
  ['settling takes too long', { settleP99Ms: 2_001 }, 'settle_p99', false],
  ['no read had to settle', { settleP99Ms: null, counts: counts({ settled: 0 }) }, 'settle_p99', true],
  ['a rule threw once', { counts: counts({ verifierErrors: 1, skippedByForce: 1 }) }, 'verifier_errors', false],
  [
    'the twin is slow',
    {
      routes: [
        route({
          latency: {
            samples: 900,
            sameClient: false,
            primary: { p50: 1, p95: 2, p99: 10 },
            twin: { p50: 1, p95: 2, p99: 15.1 },
          },
        }),
      ],
    },
    'latency',
    false,
  ],
  [
    'too few reads were timed',
    {
      routes: [
        route({
          latency: {
            samples: 199,
            sameClient: false,
            primary: { p50: 1, p95: 2, p99: 3 },
            twin: { p50: 1, p95: 2, p99: 3 },
          },
        }),
      ],
    },
    'latency',
    null,
  ],
  ['it broke this morning', { lastDay: counts({ match: 900, mismatch: 5 }) }, 'last_day', false],
  ['the twin failed this morning', { lastDay: counts({ match: 900, twinErrors: 90 }) }, 'last_day', false],
  ['nothing was read today', { lastDay: counts({ match: 0, settled: 0, unstable: 0 }) }, 'last_day', true],
];

describe('gate/decide', () => {
  it('passes a domain for which every condition holds', () => {
    const decision = decided();
    expect(decision.conditions.filter(({ holds }) => holds !== true)).to.deep.equal([]);
    expect(decision).to.include({
      outcome: 'pass',
      epoch: 1,
      configDigest: 'config-1',
      at: '2026-06-02T00:00:00.000Z',
    });
    expect(decision.missing).to.deep.equal([]);
  });

  for (const [title, change, name, holds, changed] of TABLE) {
    it(`${name} ${holds === null ? 'is undecided' : holds ? 'holds' : 'fails'} where ${title}`, () => {
      const decision = decided(change, changed);
      const found = condition(decision, name);
      expect(found.holds, found.text).to.equal(holds);
      if (holds === false) expect(decision.outcome).to.equal('fail');
      if (holds === null) expect(decision.outcome).to.not.equal('pass');
      if (holds !== true) expect(found.missing).to.not.be.empty;
    });
  }

  it('is undecided, and says why, where the journal cannot be read', () => {
    const decision = decide('payments', { unreadable: 'connect ECONNREFUSED' }, limits, setting);
    expect(decision).to.include({ outcome: 'undecided', epoch: null, at: null });
    expect(decision.conditions[0]?.text).to.contain('ECONNREFUSED');
  });

  it('is never a pass without data, whatever is missing', () => {
    const nothing = counts({ match: 0, settled: 0, unstable: 0, skippedByChoice: 0, skippedByForce: 0 });
    const decision = decided({ epoch: null, counts: nothing, lastDay: nothing, routes: [], settleP99Ms: null });
    expect(decision.conditions.find(({ holds }) => holds !== true)?.text).to.match(/^no read yet/);
    expect(decision.outcome).to.equal('undecided');
    expect(decision.bound).to.include({ used: 'none', upper: 1 });
  });

  it('says what is missing in so many words', () => {
    const decision = decided(
      { routes: [route({ distinct: 96, shapes: [{ ...shape, distinct: 5, sinceLastNew: 4 }] })] },
      { minimumPerRoute: 1_300 },
    );
    expect(decision.missing).to.include('payments: 1,204 more comparisons on GET /api/payments/:id');
    expect(decision.missing).to.include('payments: 15 more comparisons on GET /api/payments/:id with id=known 2xx');
    expect(condition(decision, 'shapes').text).to.contain('never seen: GET /api/payments/:id id=unknown 4xx');
  });

  it('says how many routes have too few timed reads, where the others are quick enough', () => {
    const routes = declared.flatMap((one) => [one, { ...one, key: 'GET /api/payments/new' }]);
    const { holds, text } = condition(decide('payments', evidence(), limits, { ...setting, routes }), 'latency');
    expect(holds).to.equal(null);
    expect(text).to.match(/^1 of 2 routes have 200 timed reads; the twin's p99 is at most /);
  });

  it('says that nothing but errors was compared, by route', () => {
    const only = (statuses: Record<string, number>): Partial<DomainEvidence> => ({
      routes: [route({ compared: 0, distinct: 0, entities: 0, answers: 0, statuses, latency: null })],
    });
    const one = decided(only({ '401': 400 }));
    expect(one.outcome).to.equal('undecided');
    expect(one.missing.join('\n')).to.contain('GET /api/payments/:id: nothing but 401 was compared');
    expect(decided(only({ '302': 4 })).missing.join('\n')).to.contain(
      'nothing but 302 was compared; for a route that redirects write `redirects: true`',
    );
    expect(decided(only({ '404': 4, '401': 4 })).missing.join('\n')).to.contain('nothing but 401 and 404 was compared');
  });

  it('names the numbers of questions and answers of the comparisons, where they are not as many', () => {
    const { missing, outcome } = decided({ routes: [route({ distinct: 1, entities: 400, answers: 1 })] });
    expect(outcome).to.equal('undecided');
    expect(missing.join('\n')).to.contain(
      '(400 different questions, 1 different answer so far; if it has no other answers, write `fewAnswers: 1`)',
    );
  });

  it('counts different answers where only few questions to a route are possible', () => {
    const change = { routes: [route({ distinct: 1, entities: 1, answers: 9_000 })] };
    const few = declared.map((one) => ({ ...one, fewQuestions: true }));
    expect(condition(decided(change), 'routes').holds).to.equal(null);
    const decision = decide('payments', evidence(change), limits, { ...setting, routes: few });
    expect(condition(decision, 'routes').holds).to.equal(true);
    expect(decision.bound.distinct.n).to.equal(9_000);
  });

  it('says how a route passes that no parameter asks for more answers of', () => {
    const few = declared.map((one) => ({ ...one, fewQuestions: true }));
    const seen = evidence({ routes: [route({ distinct: 1, entities: 1, answers: 1 })] });
    const { missing, outcome } = decide('payments', seen, limits, { ...setting, routes: few });
    expect(outcome).to.equal('undecided');
    expect(missing.join('\n')).to.contain('(1 different answer so far; if it has no others, write `fewAnswers: 1`)');
  });

  it('names what several conditions lack once', () => {
    const { missing } = decided({
      counts: counts({ match: 0, settled: 0, mismatch: 0 }),
      routes: [],
      settleP99Ms: null,
    });
    expect(missing).to.include('payments: a comparison');
    expect(missing).to.deep.equal([...new Set(missing)]);
  });

  it('counts different questions in a shape of errors, whose answers are all alike', () => {
    const errors = { ...shape, shape: 'id=unknown 404', distinct: 1, entities: 30, answers: 1 };
    expect(condition(decided({ routes: [route({ shapes: [errors] })] }), 'shapes').holds).to.equal(true);
    const good = { ...errors, shape: 'id=known 200' };
    expect(condition(decided({ routes: [route({ shapes: [good] })] }), 'shapes').holds).to.equal(null);
  });

  it('does not know the shapes while clients give parameters that the route does not declare', () => {
    const change = { routes: [route({ undeclared: ['status', '_'] })] };
    const unknown = condition(decided(change), 'shapes');
    expect(unknown.holds).to.equal(null);
    expect(unknown.text).to.contain('seen and not declared: status on GET /api/payments/:id, _ on');
    const known = declared.map((one) => ({ ...one, parameters: ['_', 'status'] }));
    const decision = decide('payments', evidence(change), limits, { ...setting, routes: known });
    expect(condition(decision, 'shapes').holds).to.equal(true);
  });

  it('wants several callers only where the answers depend on who asks, and as many as the config says', () => {
    const of = (callers: number | undefined, perCaller: boolean, minimumCallers?: number) => {
      const routes = declared.map((one) => ({ ...one, perCaller }));
      const seen = callers === undefined ? route({}) : route({ callers });
      return condition(
        decide('payments', evidence({ routes: [seen] }), { ...limits, minimumCallers }, { ...setting, routes }),
        'routes',
      ).holds;
    };
    expect([of(1, true), of(0, true), of(2, true), of(2, true, 3), of(1, true, 1)]).to.deep.equal([
      null,
      null,
      true,
      null,
      true,
    ]);
    // Evidence that was kept before callers were counted says nothing of them.
    expect([of(1, false), of(undefined, true)]).to.deep.equal([true, true]);
  });

  it('says how to ignore a parameter that cannot be named, and takes it as ignored then', () => {
    const change = { routes: [route({ undeclared: ['(no name)', 'utm_x'] })] };
    expect(decided(change).missing.join('\n')).to.match(/parameter \(no name\) on .* \("\*": ignored in its `query`/);
    const known = declared.map((one) => ({ ...one, parameters: ['page', '*'] }));
    const decision = decide('payments', evidence(change), limits, { ...setting, routes: known });
    expect(condition(decision, 'shapes').holds).to.equal(true);
  });

  it('does not fail a domain for blameless skips, and says its share', () => {
    const decision = decided({ counts: counts({ skippedBlameless: 10_000 }) });
    expect(decision.outcome).to.equal('pass');
    expect(condition(decision, 'blameless_skips')).to.include({ holds: true, figure: 10_000 / 30_210 });
  });

  it('lets a route with few answers pass when all of them were compared', () => {
    const levels = route({
      key: 'GET /api/levels',
      distinct: 1,
      answers: 1,
      entities: 1,
      shapes: [{ ...shape, distinct: 1, sinceLastNew: 9 }],
    });
    const decision = decide('points', evidence({ routes: [levels] }), limits, { ...setting, routes: declared });
    expect(condition(decision, 'routes').holds).to.equal(true);
    expect(decision.bound).to.include({ used: 'exhaustion', upper: 0 });
    expect(decision.outcome).to.equal('pass');
  });

  it('pays with a smaller share of the promised error in a later epoch', () => {
    const first = decided();
    const third = decided({ epoch: { id: 9, ordinal: 3, backfill: 'b2', twinBuild: 't1', rules: 'r1', beganAt: 0 } });
    expect(first.bound.alpha).to.equal(limits.alpha / 2);
    expect(third.bound.alpha).to.equal(limits.alpha / 12);
    expect(third.bound.upper).to.be.greaterThan(first.bound.upper);
  });

  it('says which bound was used', () => {
    expect(decided().bound.used).to.equal('distinct');
    expect(decided({ counts: counts({ mismatch: 15 }) }).bound.used).to.equal('reads');
  });
});
