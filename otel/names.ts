/** Every span, metric and attribute name that leaves the process, with units. Dashboards and alerts are checked against it. */

export const SERVICE_NAME = 'shadowread';

export const SPANS = {
  read: 'shadow.read',
  primary: 'primary',
  twin: 'twin',
  compare: 'compare',
  recheck: 'recheck',
} as const;

export const EVENTS = { difference: 'shadow.difference' } as const;

export const ATTRIBUTES = {
  domain: 'shadow.domain',
  route: 'shadow.route',
  verdict: 'shadow.verdict',
  reason: 'shadow.reason',
  fingerprint: 'shadow.fingerprint',
  cause: 'shadow.cause',
  /** Ids of the faults that explain it, on the root span. */
  faults: 'shadow.faults',
  /** Page of the dashboard: its first fault, else its fingerprint. */
  link: 'shadow.link',
  /** How many differences, on the root span. */
  differences: 'shadow.differences',
  side: 'shadow.side',
  served: 'shadow.served',
  rules: 'shadow.rules',
  representation: 'shadow.representation',
  /** Of the event shadow.difference. */
  path: 'shadow.difference.path',
  kind: 'shadow.difference.kind',
  rule: 'shadow.difference.rule',
  measure: 'shadow.difference.measure',
} as const;

/** Metric attributes; all of low cardinality. */
export const LABELS = {
  domain: 'domain',
  route: 'route',
  verdict: 'verdict',
  reason: 'reason',
  side: 'side',
  served: 'served',
  stage: 'stage',
  believed: 'believed',
  cause: 'cause',
  /** `true`: money, an identity, or a whole row. */
  fatal: 'fatal',
} as const;

/** Unknown routes are one label. */
export const UNKNOWN_ROUTE = 'unknown';

export interface Instrument {
  readonly name: string;
  readonly kind: 'counter' | 'histogram' | 'gauge';
  /** UCUM. */
  readonly unit: string;
  readonly description: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

/**
 * Two a doubling: 30 series for each route and side, and a quantile that Prometheus makes of them is off by a fifth at
 * most. The journal's histograms are good to 2.2 %.
 */
const SECONDS = [
  0.0005, 0.0007, 0.001, 0.0014, 0.002, 0.0028, 0.004, 0.0056, 0.008, 0.011, 0.016, 0.022, 0.032, 0.045, 0.063, 0.09,
  0.125, 0.18, 0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8, 11,
] as const;

export const METRICS = {
  reads: {
    name: 'shadow.reads',
    kind: 'counter',
    unit: '',
    description: 'Reads of known routes, by verdict.',
    labels: [LABELS.domain, LABELS.route, LABELS.verdict, LABELS.reason, LABELS.served],
  },
  duration: {
    name: 'shadow.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Time from the request to the headers of the answer, for both sides.',
    labels: [LABELS.domain, LABELS.route, LABELS.side],
    buckets: SECONDS,
  },
  settle: {
    name: 'shadow.settle',
    kind: 'histogram',
    unit: 's',
    description: 'Time until two answers agreed that differed at first.',
    labels: [LABELS.domain],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  overhead: {
    name: 'shadow.overhead',
    kind: 'histogram',
    unit: 's',
    description: "Time the proxy itself added to the client's answer.",
    labels: [],
    buckets: [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25],
  },
  inflight: {
    name: 'shadow.inflight',
    kind: 'gauge',
    unit: '',
    description: 'Reads without a verdict yet.',
    labels: [],
  },
  proxyInflight: {
    name: 'shadow.proxy.inflight',
    kind: 'gauge',
    unit: '',
    description: 'Requests of clients under way, upgraded connections included.',
    labels: [],
  },
  inflightBytes: {
    name: 'shadow.inflight.bytes',
    kind: 'gauge',
    unit: 'By',
    description: 'Bytes of bodies held for comparison.',
    labels: [],
  },
  breakerOpen: {
    name: 'shadow.breaker.open',
    kind: 'gauge',
    unit: '',
    description: "1 while the twin's breaker is open.",
    labels: [],
  },
  verifierFailed: {
    name: 'shadow.verifier.failed',
    kind: 'gauge',
    unit: '',
    description: '1 while no verifier worker can start: nothing is verified.',
    labels: [],
  },
  twinConcurrency: {
    name: 'shadow.twin.concurrency',
    kind: 'gauge',
    unit: '',
    description: 'Twin requests allowed at once right now.',
    labels: [],
  },
  shadowing: {
    name: 'shadow.shadowing',
    kind: 'gauge',
    unit: '',
    description: '1 while reads are mirrored, 0 while shadowing is off.',
    labels: [],
  },
  gatePass: {
    name: 'shadow.gate.pass',
    kind: 'gauge',
    unit: '',
    description: "1 where the domain's gate passes, 0 where it does not, -1 where it cannot decide.",
    labels: [LABELS.domain],
  },
  openFaults: {
    name: 'shadow.faults.open',
    kind: 'gauge',
    unit: '',
    description: 'Faults that are neither repaired nor acknowledged, by domain and cause.',
    labels: [LABELS.domain, LABELS.cause, LABELS.fatal],
  },
  journalLag: {
    name: 'shadow.journal.lag',
    kind: 'gauge',
    unit: 's',
    description: 'Age of the oldest verdict that the journal does not have yet.',
    labels: [],
  },
  faults: {
    name: 'shadow.faults',
    kind: 'counter',
    unit: '',
    description: 'Unexpected exceptions, by the stage that threw them. Each ended at most one request.',
    labels: [LABELS.stage],
  },
  loops: {
    name: 'shadow.loop.claims',
    kind: 'counter',
    unit: '',
    description: 'Reads of known routes that claimed to be shadow reads, by whether the claim was believed.',
    labels: [LABELS.believed],
  },
  journalDropped: {
    name: 'shadow.journal.dropped',
    kind: 'counter',
    unit: '',
    description: 'Mismatches whose evidence was dropped because the journal buffer was full.',
    labels: [],
  },
} as const satisfies Record<string, Instrument>;

/** Name of an instrument in Prometheus: dots to underscores, the unit behind, `_total` on counters. */
export function prometheusName(instrument: Pick<Instrument, 'name' | 'unit' | 'kind'>): string {
  const base = instrument.name.replaceAll('.', '_');
  const unit = instrument.unit === 's' ? 'seconds' : instrument.unit === 'By' ? 'bytes' : '';
  const withUnit = unit === '' || base.endsWith(`_${unit}`) ? base : `${base}_${unit}`;
  return instrument.kind === 'counter' && !withUnit.endsWith('_total') ? `${withUnit}_total` : withUnit;
}
