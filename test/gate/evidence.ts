import type { DomainEvidence, RouteDeclaration, RouteEvidence, WindowCounts } from '../../src/gate/evidence.ts';
import type { GateLimits } from '../../src/gate/limits.ts';

/** The config's defaults. */
export const limits: GateLimits = {
  minimumPerRoute: 300,
  minimumPerShape: 20,
  mismatchLimit: 0.001,
  failureLimit: 0.01,
  alpha: 0.01,
  forcedSkipLimit: 0.05,
  unstableLimit: 0.01,
  settledLimit: 0.05,
  settleP99Ms: 2_000,
  latencyRatio: 1.5,
  fatalKinds: [],
};

export const declared: readonly RouteDeclaration[] = [
  { key: 'GET /api/payments/:id', domain: 'payments', fewAnswers: null, shapes: ['id=known 2xx', 'id=unknown 4xx'] },
  { key: 'GET /api/levels', domain: 'points', fewAnswers: 1, shapes: [] },
];

export const setting = { routes: declared, configDigest: 'config-1' };

export function counts(change: Partial<WindowCounts> = {}): WindowCounts {
  return {
    match: 20_000,
    settled: 100,
    mismatch: 0,
    acknowledged: 0,
    fatal: 0,
    unstable: 10,
    twinErrors: 0,
    twinTimeouts: 0,
    skippedByChoice: 500,
    skippedByForce: 100,
    verifierErrors: 0,
    ...change,
  };
}

export function route(change: Partial<RouteEvidence> = {}): RouteEvidence {
  const sides = { p50: 2, p95: 8, p99: 20 };
  return {
    key: 'GET /api/payments/:id',
    compared: 20_100,
    mismatches: 0,
    distinct: 12_000,
    distinctMismatches: 0,
    entities: 9_000,
    answers: 12_000,
    shapes: [
      {
        shape: 'id=known 2xx',
        compared: 20_100,
        mismatches: 0,
        entities: 9_000,
        answers: 12_000,
        distinct: 12_000,
        sinceLastNew: 3,
        firstSeen: 0,
        lastSeen: 1,
      },
    ],
    latency: { samples: 20_000, sameClient: true, primary: sides, twin: sides },
    ...change,
  };
}

/** Evidence of payments that passes, unless said otherwise. */
export function evidence(change: Partial<DomainEvidence> = {}): DomainEvidence {
  return {
    domain: 'payments',
    at: Date.UTC(2026, 5, 2),
    epoch: { id: 1, ordinal: 1, backfill: 'b1', twinBuild: 't1', rules: 'r1', beganAt: Date.UTC(2026, 5, 1) },
    counts: counts(),
    lastDay: counts(),
    otherRepresentation: 0,
    servedByTwin: 0,
    routes: [route()],
    settleP99Ms: 400,
    fingerprints: [],
    journal: { replicas: 2, gaps: [], clockSkewMs: 5, activeEpochs: 1 },
    ...change,
  };
}
