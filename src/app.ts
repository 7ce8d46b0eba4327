/**
 * THE WIRING of the data plane, steps in order and nothing else. Facts flow one way; what flows back is the policy.
 *
 *     1 policy  2 telemetry  3 journal  4 mirror (verifier in its workers)  5 flip guard  6 front (proxy or sink)  7 what journal, gate and sync say back
 */
import { randomUUID } from 'node:crypto';
import { startTelemetry, type Telemetry } from '../otel/start.ts';
import type { DataPlane } from './admin/plane.ts';
import { AUTO } from './api/auto-routes.ts';
import type { LoadedApi } from './api/load.ts';
import { plainRoutes } from './api/module.ts';
import { prepareReads } from './api/reads.ts';
import { readCertificate } from './base/certificate.ts';
import type { Faults } from './base/faults.ts';
import { changerOf } from './base/header-changes.ts';
import { urlOf } from './base/listening.ts';
import type { Log } from './base/log.ts';
import type { Config, Environment, LoadedConfig } from './config.ts';
import { messageOf, ShadowError } from './errors.ts';
import { follow } from './journal/follow.ts';
import type { Journal } from './journal/journal.ts';
import { followControls } from './journal/shared-controls.ts';
import { openWriter } from './journal/writer.ts';
import { createMirror, type Mirror } from './mirror/mirror.ts';
import { createProxy } from './proxy/proxy.ts';
import { beginWith, type CrewState } from './service/crew-state.ts';
import { watchFaultAlerts } from './service/fault-alerts.ts';
import { wireFlip } from './service/flip-wiring.ts';
import { type GateWatch, watchGates } from './service/gate-watch.ts';
import { forJournal, journalOf } from './service/journal-of.ts';
import { mirrorOptionsOf } from './service/mirror-options.ts';
import { createPolicy, type PolicyHolder } from './service/policy.ts';
import { recordRejection } from './service/process-guard.ts';
import { proxyOptionsOf } from './service/proxy-options.ts';
import { routeFinder } from './service/route-finder.ts';
import type { Secrets } from './service/secrets.ts';
import { type Front, type FrontKind, sinkOf } from './service/sink-of.ts';
import { gaugesOf, planeOf } from './service/snapshot.ts';
import { type SyncWatch, watchSync } from './service/sync-watch.ts';
import { UnknownReadCounts } from './service/unknown-reads.ts';
import type { Route } from './types.ts';
import { loadCredentials } from './verifier/credentials.ts';

export interface AppOptions {
  /** What brings reads in; the proxy where it is not said. */
  readonly front?: FrontKind;
  readonly loaded: LoadedConfig;
  readonly api: LoadedApi;
  readonly secrets: Secrets;
  readonly environment: Environment;
  readonly version: string;
  /** Name of this process among the replicas; a random one by default. */
  readonly instance?: string;
  /** What the processes beside this one were told at run time, before it started. */
  readonly begun?: CrewState;
  readonly log: Log;
  readonly faults: Faults;
  /** Why the last reload was refused; null where it was taken. */
  readonly reloadError: () => string | null;
}

export interface App {
  readonly url: string;
  readonly plane: DataPlane;
  readonly policy: PolicyHolder;
  readonly routes: readonly Route[];
  /** Takes a reloaded config where that is safe; names what needs a restart in the log. */
  configure(loaded: LoadedConfig): void;
  /** For an exception that came through to the process: true where it has ended the request that it came of. */
  endedBy(thrown: unknown): boolean;
  /** Names the invariant that does not hold any more; null where all do. */
  broken(): string | null;
  /** Drains clients, then verdicts, then telemetry, within `drainMs`. */
  close(): Promise<void>;
}

export async function startApp(options: AppOptions): Promise<App> {
  const { secrets, environment, log, faults } = options;
  const { config } = options.loaded;
  const primaryUrl = requirePrimary(config);
  const { api } = options;
  const routes = plainRoutes(api);
  prepareReads(routes, api.source.auto === true);
  const instance = options.instance ?? randomUUID().slice(0, 8);

  const certificate = config.listen.tls === undefined ? null : readCertificate(config.listen.tls);

  const { credentials } = config.twin;
  const twinCredentials = credentials === undefined ? null : await loadCredentials(credentials);

  // They begin last, and those that are asked for their figures may be asked before.
  let gates: GateWatch | null = null;
  let sync: SyncWatch | null = null;

  // 1
  const policy = createPolicy(config, routes, api.source.auto === true ? [AUTO] : []);
  if (options.begun !== undefined) beginWith(options.begun, policy, log);

  // 2
  const telemetry = await startTelemetry({
    version: options.version,
    instance,
    matchRatio: config.telemetry.matchRatio,
    spanQueue: config.telemetry.spanQueue,
    environment,
    publicUrl: config.admin.publicUrl ?? null,
    gauges: () =>
      gaugesOf(
        { mirror, journal, policy, faults, proxy: front },
        {
          gates: gates?.gates() ?? {},
          openFaults: gates?.openFaults() ?? [],
        },
      ),
  });

  // 3
  const unknown = new UnknownReadCounts(routes);
  const journal =
    config.journal.url === undefined
      ? null
      : journalOf({
          config,
          api,
          url: config.journal.url,
          instance,
          backfillOf: (domain) => sync?.backfillOf(domain) ?? null,
          unknown: () => unknown.top(),
          log,
        });

  const writer = config.journal.url === undefined ? null : openWriter({ url: config.journal.url });

  // 4
  const mirror = createMirror({
    ...mirrorOptionsOf(config, api.source, secrets, policy.current()),
    instance,
    onVerdict(verdict) {
      telemetry.record(verdict);
      journal?.record(forJournal(verdict, config.gate.sources));
      flip.guard.verdict(verdict);
    },
    onFault: faults.record,
    onRejection: (rejection) => recordRejection(rejection, 'verifier rejection', faults, log),
    log: (message, topic) => log.often(topic, message),
  });
  policy.subscribe((next) => mirror.setPolicy(next));

  // 5
  const flip = wireFlip({ config, policy, instance, writer, lagMs: () => sync?.lagMs() ?? null, log });

  // 6
  const finder = routeFinder(routes, api.source.auto === true);
  const match = (method: string, target: string): Route | null =>
    finder.match(method, target) ?? unknown.see(method, target);
  const front: Front =
    options.front === 'sink'
      ? sinkOf({ config, secrets, certificate, primaryUrl, gate: mirror, match, faults })
      : createProxy({
          ...proxyOptionsOf(config, primaryUrl),
          twin: config.twin.url ?? null,
          match,
          gate: mirror,
          serve: flip.guard.serve,
          mindsWrites: () => Object.values(policy.current().domains).some(({ stage }) => stage === 'flipped'),
          exposeTraceId: config.shadow.traceIdHeader,
          twinFields: changerOf(config.twin.headers, config.twin.url),
          twinCredentials,
          loop: { trust: config.loop.trust, secret: secrets.loopSecret, key: secrets.redactionKey },
          certificate,
          hooks: {
            ...flip.hooks,
            onOverhead: telemetry.overhead,
            onFault: (stage, thrown) => faults.record(`proxy ${stage}`, thrown),
          },
        });
  const stages = { front, mirror, journal, telemetry };
  const { port } = await front.listen(config.listen.port, config.listen.host).catch(async (error: unknown) => {
    await Promise.all([closeInOrder(0, stages), writer?.close()]);
    throw error;
  });
  const url = urlOf(config.listen.host, port, certificate === null ? 'http' : 'https');

  // 7
  const followedControls = followControls(policy.control, (name, error) =>
    log.often('controls', `control: ${name}, as the journal has it, is ignored: ${messageOf(error)}`),
  );
  const follower =
    config.journal.url === undefined
      ? null
      : follow({
          url: config.journal.url,
          log: (level, message) => log[level](message),
          onChange(followed) {
            flip.followed(followed);
            followedControls(followed.controls);
          },
        });
  let loaded = options.loaded;
  if (config.journal.url !== undefined) {
    gates = watchGates({ url: config.journal.url, desk: () => ({ ...loaded, api }), onPriorities: policy.priorities });
  }
  const alerts =
    config.journal.url === undefined || writer === null
      ? null
      : watchFaultAlerts({ journalUrl: config.journal.url, config, secrets, writer, log });
  if (config.stores.postgres !== undefined) {
    sync = watchSync({
      url: config.stores.postgres,
      api,
      onLag: (ms) => mirror.setSyncLag(ms),
      onBackfill: () => mirror.forget(),
      log,
    });
  }

  return {
    url,
    policy,
    routes,
    plane: planeOf({
      version: options.version,
      instance,
      startedAt: Date.now(),
      primaryUrl,
      routes: () => finder.routes,
      policy,
      telemetry,
      journal,
      mirror,
      proxy: front,
      passed: () => finder.passed,
      faults,
      unknown: () => unknown.top(),
      config: () => ({ loaded, reloadError: options.reloadError() }),
    }),
    configure(next) {
      // First, since it may refuse.
      renewCertificate(front, next.config, log);
      loaded = next;
      policy.configure(next.config);
    },
    endedBy: front.endedBy,
    broken: () => (conserved(mirror) ? null : 'the counts of verdicts do not add up to the reads seen'),
    async close() {
      flip.close();
      await Promise.all([follower?.close(), gates?.close(), sync?.close(), alerts?.close()]);
      await closeInOrder(config.listen.drainMs, stages);
      await writer?.close();
    },
  };
}

/** Reads seen = verdicts + in flight. */
function conserved(mirror: Mirror): boolean {
  const { seen, inFlight, verdicts } = mirror.counts();
  return seen === Object.values(verdicts).reduce((sum, times) => sum + times, inFlight);
}

function requirePrimary(config: Config): string {
  if (config.primary.url !== undefined) return config.primary.url;
  throw new ShadowError('SHADOW_PRIMARY', 'the proxy has nobody to forward to', {
    expected: 'primary.url in the config, or SHADOWREAD_PRIMARY_URL',
    actual: 'neither',
    example: 'SHADOWREAD_PRIMARY_URL=http://127.0.0.1:3000 shadowread proxy',
  });
}

/** A certificate that is no longer named stays until the restart that this needs. */
function renewCertificate(front: Front, { listen }: Config, log: Log): void {
  if (listen.tls === undefined) return;
  const certificate = readCertificate(listen.tls);
  front.renew(certificate);
  log.info(`listen.tls: ${certificate.description}`);
}

interface Closing {
  readonly front: Front;
  readonly mirror: Mirror;
  readonly journal: Journal | null;
  readonly telemetry: Telemetry;
}

/** Upstream first: what still flows in one stage must find the next one open. */
async function closeInOrder(drainMs: number, { front, mirror, journal, telemetry }: Closing): Promise<void> {
  // Not the wall clock: set while it drains, it would cut what is under way or wait for hours.
  const until = performance.now() + drainMs;
  const left = (): number => Math.max(100, until - performance.now());
  await front.close({ deadlineMs: left() });
  await mirror.close({ deadlineMs: left() });
  await journal?.close(left());
  await telemetry.shutdown(left());
}
