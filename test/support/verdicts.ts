import type { MismatchPattern, RedactedDifference, Verdict } from '../../src/types.ts';

let made = 0;

/** A verdict as the verifier would give it: a match of payments, unless said otherwise. */
export function verdict(change: Partial<Verdict> & { readonly key?: string; readonly domain?: string } = {}): Verdict {
  made += 1;
  const { key = 'GET /api/payments/:id', domain = 'payments', ...rest } = change;
  const [method = 'GET', pattern = '/'] = key.split(' ');
  const at = rest.at ?? Date.now();
  return {
    exchangeId: `test-${process.pid}-${made}`,
    route: { key, method: method === 'POST' ? 'POST' : 'GET', pattern, domain },
    served: 'primary',
    representation: 'primary',
    kind: 'match',
    reason: null,
    at,
    trace: {
      traceId: made.toString(16).padStart(32, '0'),
      parentSpanId: null,
      spanId: '00f067aa0ba902b7',
      twinSpanId: '00f067aa0ba902b8',
      sampled: true,
    },
    rulesDigest: 'rules-1',
    twinBuild: 'build-1',
    shape: 'id=known 2xx',
    entityHash: made.toString(16).padStart(16, '0'),
    answerHash: made.toString(16).padStart(16, 'a'),
    differences: [],
    differenceCount: 0,
    fatal: false,
    fingerprint: null,
    patterns: [],
    cause: null,
    primary: { askedAt: at, headersMs: 4, totalMs: 5, status: 200 },
    twin: { askedAt: at, headersMs: 3, totalMs: 4, status: 200 },
    compareMs: 0.2,
    rechecks: [],
    settleMs: null,
    control: null,
    request: { method: 'GET', target: '/api/payments/…' },
    evidence: null,
    overheadMs: 0.1,
    detail: null,
    ...rest,
  };
}

export const amountDiffers: RedactedDifference = {
  path: '/amount',
  kind: 'value',
  rule: 'money',
  measure: { of: 'number', delta: '0.01', unit: 'USD' },
  primary: { type: 'number', length: null, hash: '00aa' },
  twin: { type: 'number', length: null, hash: '00bb' },
};

/** A mismatch of an amount, unless said otherwise. */
export function mismatch(change: Parameters<typeof verdict>[0] = {}): Verdict {
  const { fingerprint = 'fp-amount', differences = [amountDiffers] } = change;
  return verdict({
    patterns: fingerprint === null ? [] : [pattern(fingerprint, differences[0])],
    kind: 'mismatch',
    differences: [amountDiffers],
    differenceCount: 1,
    fatal: true,
    fingerprint: 'fp-amount',
    cause: { cause: 'data_drift', entities: [], note: null },
    ...change,
  });
}

/** One pattern at one place. */
export function pattern(
  fingerprint: string,
  { path, kind, rule, measure }: RedactedDifference = amountDiffers,
): MismatchPattern {
  return { fingerprint, path, kind, rule, measure, fatal: rule === 'money' };
}

/** A read that was not compared. */
export function skipped(reason: Verdict['reason'], change: Parameters<typeof verdict>[0] = {}): Verdict {
  return verdict({ kind: 'skipped', reason, rulesDigest: '', twinBuild: null, primary: null, twin: null, ...change });
}
