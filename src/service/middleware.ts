/**
 * The mirror without the proxy: a middleware that taps the answers of whatever comes behind it. The client's request never
 * waits for it; what differs is in the journal, where gate, command line and dashboard find it.
 */
import { randomUUID } from 'node:crypto';
import { startTelemetry } from '../../otel/start.ts';
import { AUTO } from '../api/auto-routes.ts';
import { plainRoutes } from '../api/module.ts';
import { createFaults } from '../base/faults.ts';
import { createLog, type Log } from '../base/log.ts';
import { version } from '../base/version.ts';
import { type ConfigInput, configOf, type Environment } from '../config.ts';
import { ShadowError } from '../errors.ts';
import { createMirror, type MirrorCounts } from '../mirror/mirror.ts';
import { type Middleware, tapping } from '../proxy/middleware-tap.ts';
import { apiLoader } from './api-of.ts';
import { forJournal, journalOf } from './journal-of.ts';
import { mirrorOptionsOf } from './mirror-options.ts';
import { createPolicy } from './policy.ts';
import { recordRejection } from './process-guard.ts';
import { routeFinder } from './route-finder.ts';
import { readSecrets } from './secrets.ts';
import { gaugesOf } from './snapshot.ts';

export interface ShadowOptions {
  /** Wins over the config, as everywhere; the process's own by default. */
  readonly environment?: Environment;
  readonly log?: Log;
}

export interface Shadow {
  /** To be used before everything that answers: `app.use(shadow.middleware)`. */
  readonly middleware: Middleware;
  counts(): MirrorCounts;
  /** Prometheus text, for a `/metrics` of your own. */
  metrics(): Promise<string>;
  /** Stops mirroring, or goes on with it. Returns whether it mirrors now. */
  toggle(): boolean;
  /** Waits for verdicts in flight at most this many milliseconds, then writes the rest. */
  close(deadlineMs?: number): Promise<void>;
}

const NO_PROXY = { inFlight: 0, loops: () => ({ believed: 0, doubted: 0, callers: [] }) };

/**
 * Starts mirror, verifier, journal and telemetry as the config says. Requests go to `primary.url` when a pair
 * differs and to `twin.url` for every read; `listen`, `admin` and `flip` are not used here. @throws ConfigError,
 * ShadowError SHADOW_PRIMARY without `primary.url`, and what an API that cannot be loaded throws.
 */
export async function startShadow(input: ConfigInput, options: ShadowOptions = {}): Promise<Shadow> {
  const environment = options.environment ?? process.env;
  const log = options.log ?? createLog();
  const loaded = configOf(input, environment);
  const { config } = loaded;
  if (config.primary.url === undefined)
    throw new ShadowError('SHADOW_PRIMARY', 'without the address of the primary no pair can be read again', {
      expected: 'primary.url: where this middleware, or the API behind it, is reached',
      actual: 'nothing',
      example: "startShadow({ primary: { url: 'http://127.0.0.1:3000' }, twin: { url: 'http://127.0.0.1:3001' } })",
    });
  const api = await apiLoader({})(loaded);
  const routes = plainRoutes(api);
  const secrets = readSecrets(config, environment);
  const instance = randomUUID().slice(0, 8);
  const faults = createFaults(log);
  const auto = api.source.auto === true;
  const policy = createPolicy(config, routes, auto ? [AUTO] : []);
  const finder = routeFinder(routes, auto);
  const telemetry = await startTelemetry({
    version: version(),
    instance,
    matchRatio: config.telemetry.matchRatio,
    spanQueue: config.telemetry.spanQueue,
    environment,
    gauges: () => gaugesOf({ mirror, journal, policy, faults, proxy: NO_PROXY }, { gates: {}, openFaults: [] }),
  });
  const { url } = config.journal;
  const journal = url === undefined ? null : journalOf({ config, api, url, instance, backfillOf: () => null, log });
  const mirror = createMirror({
    ...mirrorOptionsOf(config, api.source, secrets, policy.current()),
    instance,
    onVerdict(verdict) {
      telemetry.record(verdict);
      journal?.record(forJournal(verdict, config.gate.sources));
    },
    onFault: faults.record,
    onRejection: (rejection) => recordRejection(rejection, 'verifier rejection', faults, log),
    log: (message, topic) => log.often(topic, message),
  });
  policy.subscribe((next) => mirror.setPolicy(next));
  return {
    middleware: tapping({
      match: finder.match,
      gate: mirror,
      onFault: (stage, thrown) => faults.record(`middleware ${stage}`, thrown),
    }),
    counts: () => mirror.counts(),
    metrics: () => telemetry.prometheus(),
    toggle: () => policy.toggle(),
    async close(deadlineMs = config.listen.drainMs) {
      await mirror.close({ deadlineMs });
      await journal?.close(deadlineMs);
      await telemetry.shutdown(deadlineMs);
    },
  };
}
