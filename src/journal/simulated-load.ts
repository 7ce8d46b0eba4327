/** The reads of one replica of a large fleet, as batches: routes, hot entities, verdicts and times drawn by a seed. */
import type { Verdict, VerdictKind } from '../types.ts';
import type { Batch } from './batch.ts';
import { Gathering } from './gathering/gathering.ts';

export const LOAD = {
  domains: 11,
  routesPerDomain: 5,
  shapesPerRoute: 6,
  entitiesPerRoute: 150,
  mismatchShare: 0.0002,
  settledShare: 0.002,
  skippedShare: 0.01,
} as const;

export interface SimulatedReplica {
  /** A batch of this many reads that arrived in the minute of `at`; hashes that were sent before are not sent again. */
  batch(reads: number, withHistograms: boolean): Batch;
  /** Further batches for the rows that did not fit into the last one. */
  rest(): Batch[];
}

export function simulatedReplica(at: number, random: () => number): SimulatedReplica {
  const gathering = new Gathering({ evidenceRows: 1_000, rulesOf: () => 'rules', backfillOf: () => 'backfill' });
  return {
    batch(reads, withHistograms) {
      for (let i = 0; i < reads; i += 1) gathering.add(simulatedVerdict(at, random), at);
      return gathering.take(at, withHistograms);
    },
    rest() {
      const batches: Batch[] = [];
      while (gathering.hasRows) batches.push(gathering.take(at, true));
      return batches;
    },
  };
}

/** Mulberry32: the same load on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function simulatedVerdict(at: number, random: () => number): Verdict {
  const domain = `domain${Math.floor(random() * LOAD.domains)}`;
  const pattern = `/api/${domain}/route${Math.floor(random() * LOAD.routesPerDomain)}/:id`;
  // Squared: a tenth of the entities gets a third of the reads.
  const entity = Math.floor(random() ** 2 * LOAD.entitiesPerRoute);
  const shape = Math.floor(random() ** 2 * LOAD.shapesPerRoute);
  const kind = kindOf(random());
  const mismatch = kind === 'mismatch';
  const ms = 2 * Math.exp(random() * 3);
  const hash = (of: number): string =>
    Math.imul(of + 1, 0x9e3779b9)
      .toString(16)
      .replace('-', 'f')
      .padStart(16, '0');
  const side = { askedAt: at, headersMs: ms, totalMs: ms, status: 200 };
  const redacted = { type: 'number', length: null, hash: '0123456789abcdef' } as const;
  return {
    exchangeId: random().toString(36),
    route: { key: `GET ${pattern}`, method: 'GET', pattern, domain },
    served: 'primary',
    representation: 'primary',
    kind,
    reason: kind === 'skipped' ? 'overload' : null,
    at,
    trace: {
      traceId: hash(random() * 2 ** 31).padStart(32, '0'),
      parentSpanId: null,
      spanId: '',
      twinSpanId: '',
      sampled: true,
    },
    rulesDigest: 'rules',
    twinBuild: 'build',
    shape: `page=1&status=${shape} 200`,
    entityHash: hash(entity),
    answerHash: hash(entity + 100_000),
    differences: mismatch
      ? [
          {
            path: '/amount',
            kind: 'value',
            rule: 'money',
            measure: { of: 'number', delta: '1', unit: 'USD' },
            primary: redacted,
            twin: redacted,
          },
        ]
      : [],
    differenceCount: mismatch ? 1 : 0,
    fatal: false,
    fingerprint: mismatch ? `${pattern}#amount` : null,
    patterns: mismatch
      ? [
          {
            fingerprint: `${pattern}#amount`,
            path: '/amount',
            kind: 'value',
            rule: 'money',
            measure: { of: 'number', delta: '1', unit: 'USD' },
            fatal: true,
          },
        ]
      : [],
    cause: mismatch ? { cause: 'data_drift', entities: [], note: null } : null,
    primary: side,
    twin: side,
    compareMs: 0.2,
    rechecks: [],
    settleMs: kind === 'settled' ? 100 + random() * 400 : null,
    control: null,
    request: { method: 'GET', target: `${pattern}?status=…` },
    evidence: mismatch ? new Uint8Array(2_000) : null,
    overheadMs: 0.05 + random() * 0.1,
    detail: null,
  };
}

function kindOf(chance: number): VerdictKind {
  if (chance < LOAD.mismatchShare) return 'mismatch';
  if (chance < LOAD.mismatchShare + LOAD.settledShare) return 'settled';
  return chance < LOAD.mismatchShare + LOAD.settledShare + LOAD.skippedShare ? 'skipped' : 'match';
}
