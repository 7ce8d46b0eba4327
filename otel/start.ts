/** The OpenTelemetry SDK of one process: OTLP/HTTP where an endpoint is named, Prometheus text always. Never blocks a read. */
import type { Attributes, Histogram, Meter, ObservableResult } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import {
  detectResources,
  envDetector,
  hostDetector,
  processDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  DataPointType,
  type IMetricReader,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import type { Verdict } from '../src/types.ts';
import { type Instrument, LABELS, METRICS, prometheusName, SERVICE_NAME } from './names.ts';
import type { Traces } from './traces.ts';

/** Figures that are read at each collection. */
export interface Gauges {
  readonly inFlight: number;
  /** Requests of clients under way, tunnels included. */
  readonly requests: number;
  readonly heldBytes: number;
  readonly breakerOpen: boolean;
  readonly verifierFailed: boolean;
  readonly twinConcurrency: number;
  readonly shadowing: boolean;
  readonly journalLagSeconds: number;
  readonly journalDropped: number;
  /** Unexpected exceptions by stage. */
  readonly faults: Readonly<Record<string, number>>;
  /** Reads that said they were shadow reads. */
  readonly loops: { readonly believed: number; readonly doubted: number };
  /** 1 pass, 0 fail, -1 cannot decide. */
  readonly gates: Readonly<Record<string, 1 | 0 | -1>>;
  readonly openFaults: readonly {
    readonly domain: string;
    readonly cause: string;
    readonly fatal: boolean;
    readonly open: number;
  }[];
}

export interface TelemetryOptions {
  readonly version: string;
  readonly instance: string;
  /** Share of matching reads whose trace is exported, 0..1. */
  readonly matchRatio: number;
  /** Spans waiting for the collector; more are dropped. */
  readonly spanQueue: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly gauges: () => Gauges;
  /** Where people reach the dashboard, for links back to it; null: no links. */
  readonly publicUrl?: string | null;
}

export interface Telemetry {
  record(verdict: Verdict): void;
  /** Time the proxy added to one answer, seconds. */
  overhead(seconds: number): void;
  /** Prometheus text exposition. */
  prometheus(): Promise<string>;
  /** Flushes, and gives up what is left after `deadlineMs`. */
  shutdown(deadlineMs: number): Promise<void>;
}

/** Starts the SDK. A collector that is down, slow or full costs spans, never a read. */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const env = options.environment;
  const prometheus = new PrometheusExporter({ preventServerStart: true });
  const resource = resourceFromAttributes({
    [ATTR_SERVICE_NAME]: env.OTEL_SERVICE_NAME ?? SERVICE_NAME,
    [ATTR_SERVICE_VERSION]: options.version,
    'service.instance.id': options.instance,
  }).merge(detectResources({ detectors: [envDetector, hostDetector, processDetector] }));
  const traces = wanted(env, 'TRACES') ? await tracesOf(resource, options) : null;
  const measures = new MeterProvider({
    resource,
    readers: wanted(env, 'METRICS') ? [prometheus, await otlpReader()] : [prometheus],
  });
  const meter = measures.getMeter(SERVICE_NAME, options.version);
  const reads = countReads(meter);
  const duration = histogram(meter, METRICS.duration);
  const settle = histogram(meter, METRICS.settle);
  const overhead = histogram(meter, METRICS.overhead);
  observe(meter, METRICS.inflight, (result) => result.observe(options.gauges().inFlight));
  observe(meter, METRICS.proxyInflight, (result) => result.observe(options.gauges().requests));
  observe(meter, METRICS.inflightBytes, (result) => result.observe(options.gauges().heldBytes));
  observe(meter, METRICS.verifierFailed, (result) => result.observe(options.gauges().verifierFailed ? 1 : 0));
  observe(meter, METRICS.breakerOpen, (result) => result.observe(options.gauges().breakerOpen ? 1 : 0));
  observe(meter, METRICS.twinConcurrency, (result) => result.observe(options.gauges().twinConcurrency));
  observe(meter, METRICS.shadowing, (result) => result.observe(options.gauges().shadowing ? 1 : 0));
  observe(meter, METRICS.journalLag, (result) => result.observe(options.gauges().journalLagSeconds));
  observe(meter, METRICS.gatePass, (result) => {
    for (const [domain, pass] of Object.entries(options.gauges().gates))
      result.observe(pass, { [LABELS.domain]: domain });
  });
  observe(meter, METRICS.openFaults, (result) => {
    for (const { domain, cause, fatal, open } of options.gauges().openFaults)
      result.observe(open, { [LABELS.domain]: domain, [LABELS.cause]: cause, [LABELS.fatal]: String(fatal) });
  });
  const dropped = meter.createObservableCounter(METRICS.journalDropped.name, METRICS.journalDropped);
  dropped.addCallback((result) => result.observe(options.gauges().journalDropped));
  const faults = meter.createObservableCounter(METRICS.faults.name, METRICS.faults);
  faults.addCallback((result) => {
    for (const [stage, times] of Object.entries(options.gauges().faults))
      result.observe(times, { [LABELS.stage]: stage });
  });
  const loops = meter.createObservableCounter(METRICS.loops.name, METRICS.loops);
  loops.addCallback((result) => {
    const { believed, doubted } = options.gauges().loops;
    result.observe(believed, { [LABELS.believed]: 'true' });
    result.observe(doubted, { [LABELS.believed]: 'false' });
  });
  const serializer = new PrometheusSerializer();

  return {
    record(verdict) {
      const { domain, key } = verdict.route;
      reads(verdict);
      if (verdict.primary !== null) {
        duration.record(verdict.primary.headersMs / 1_000, { domain, route: key, side: 'primary' });
      }
      if (verdict.twin !== null) duration.record(verdict.twin.headersMs / 1_000, { domain, route: key, side: 'twin' });
      if (verdict.settleMs !== null) settle.record(verdict.settleMs / 1_000, { domain });
      traces?.record(verdict);
    },
    overhead: (seconds) => overhead.record(seconds),
    async prometheus() {
      const { resourceMetrics } = await prometheus.collect();
      return serializer.serialize(withUnits(resourceMetrics));
    },
    async shutdown(deadlineMs) {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, deadlineMs);
      await Promise.race([Promise.allSettled([traces?.shutdown(), measures.shutdown()]), late]);
      clearTimeout(timer);
    },
  };
}

async function tracesOf(resource: Resource, options: TelemetryOptions): Promise<Traces> {
  const { startTraces } = await import('./traces.ts');
  return startTraces({ ...options, resource, publicUrl: options.publicUrl ?? null });
}

/** Metrics to the collector; the exporter is loaded only where they are wanted. */
async function otlpReader(): Promise<IMetricReader> {
  const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-http');
  return new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() });
}

/** Standard OTEL_* switches: an endpoint must be named and the exporter not switched off. */
function wanted(env: Readonly<Record<string, string | undefined>>, signal: 'TRACES' | 'METRICS'): boolean {
  if (env.OTEL_SDK_DISABLED === 'true') return false;
  const exporter = env[`OTEL_${signal}_EXPORTER`];
  if (exporter !== undefined && !exporter.split(',').includes('otlp')) return false;
  return Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT ?? env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]);
}

/**
 * Counts verdicts and reports them at each collection: a synchronous counter would sort and hash its attributes for every
 * read, on the thread that serves clients.
 */
function countReads(meter: Meter): (verdict: Verdict) => void {
  const counts = new Map<string, Map<string, { n: number; readonly attributes: Attributes }>>();
  meter
    .createObservableCounter(METRICS.reads.name, { description: METRICS.reads.description, unit: METRICS.reads.unit })
    .addCallback((result) => {
      for (const ofRoute of counts.values()) {
        for (const { n, attributes } of ofRoute.values()) result.observe(n, attributes);
      }
    });
  return ({ route, kind, reason, served }) => {
    let ofRoute = counts.get(route.key);
    if (ofRoute === undefined) {
      ofRoute = new Map();
      counts.set(route.key, ofRoute);
    }
    const name = `${served} ${kind} ${reason ?? ''}`;
    const count = ofRoute.get(name);
    if (count !== undefined) {
      count.n += 1;
      return;
    }
    ofRoute.set(name, {
      n: 1,
      attributes: {
        [LABELS.domain]: route.domain,
        [LABELS.route]: route.key,
        [LABELS.verdict]: kind,
        [LABELS.reason]: reason ?? '',
        [LABELS.served]: served,
      },
    });
  };
}

function histogram(meter: Meter, instrument: Instrument): Histogram {
  return meter.createHistogram(instrument.name, {
    description: instrument.description,
    unit: instrument.unit,
    advice: { explicitBucketBoundaries: [...(instrument.buckets ?? [])] },
  });
}

function observe(meter: Meter, instrument: Instrument, callback: (result: ObservableResult) => void): void {
  meter
    .createObservableGauge(instrument.name, { description: instrument.description, unit: instrument.unit })
    .addCallback(callback);
}

/** The stock serializer leaves the unit out of the name: put it there before. */
function withUnits(collected: ResourceMetrics): ResourceMetrics {
  return {
    ...collected,
    scopeMetrics: collected.scopeMetrics.map((scope) => ({
      ...scope,
      metrics: scope.metrics.map((metric) => {
        const kind = metric.dataPointType === DataPointType.SUM && metric.isMonotonic ? 'counter' : 'gauge';
        const { name, unit } = metric.descriptor;
        return {
          ...metric,
          descriptor: { ...metric.descriptor, unit: '', name: prometheusName({ name, unit, kind }) },
        };
      }),
    })),
  };
}
