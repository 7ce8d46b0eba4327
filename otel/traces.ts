/** Traces to the collector: loaded only where an endpoint is named, since the exporter is a hundred modules. */
import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { Resource } from '@opentelemetry/resources';
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Verdict } from '../src/types.ts';
import { SERVICE_NAME } from './names.ts';
import { exportRead, PreparedIds } from './spans.ts';

export interface TraceOptions {
  readonly resource: Resource;
  readonly version: string;
  /** Share of matching reads whose trace is exported, 0..1. */
  readonly matchRatio: number;
  /** Spans waiting for the collector; more are dropped. */
  readonly spanQueue: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly publicUrl: string | null;
}

export interface Traces {
  record(verdict: Verdict): void;
  shutdown(): Promise<void>;
}

export function startTraces({
  resource,
  version,
  matchRatio,
  spanQueue,
  environment,
  publicUrl,
}: TraceOptions): Traces {
  const ids = new PreparedIds();
  // Not the SDK for Node with all it can load: this is all there is to start, and a sixth of it to install.
  const provider = new TracerProvider({
    resource,
    sampler: new AlwaysOnSampler(),
    idGenerator: ids,
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        maxQueueSize: spanQueue,
        maxExportBatchSize: Math.min(512, spanQueue),
        scheduledDelayMillis: Number(environment.OTEL_BSP_SCHEDULE_DELAY ?? 1_000),
      }),
    ],
  });
  const tracer: Tracer = provider.getTracer(SERVICE_NAME, version);
  let matches = 0;
  return {
    record(verdict) {
      if (verdict.kind === 'skipped') return;
      // Every nth match, not a random one: the share is exact and costs no random number.
      if (verdict.kind === 'match' && Math.floor(++matches * matchRatio) === Math.floor((matches - 1) * matchRatio))
        return;
      exportRead(tracer, ids, verdict, publicUrl);
    },
    shutdown: () => provider.shutdown(),
  };
}
