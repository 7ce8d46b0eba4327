import { type Gauges, startTelemetry, type Telemetry } from '../../otel/start.ts';

/** Telemetry that exports nothing and is read by `prometheus()`, of a service at rest but for `gauges`. */
export function metricsOf(gauges: Partial<Gauges>, instance = 'test'): Promise<Telemetry> {
  return startTelemetry({
    environment: { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' },
    version: '0.0.0',
    instance,
    spanQueue: 10,
    matchRatio: 0,
    gauges: () => ({
      inFlight: 0,
      requests: 0,
      heldBytes: 0,
      breakerOpen: false,
      twinConcurrency: 1,
      verifierFailed: false,
      shadowing: true,
      journalLagSeconds: 0,
      journalDropped: 0,
      faults: {},
      loops: { believed: 0, doubted: 0 },
      gates: {},
      openFaults: [],
      ...gauges,
    }),
  });
}
