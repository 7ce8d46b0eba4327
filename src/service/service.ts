/** The running service: data plane in this process or in several, the admin port, and signals. */
import cluster from 'node:cluster';
import { randomBytes, randomUUID } from 'node:crypto';
import type { AdminOptions } from '../admin/context.ts';
import { startAdmin } from '../admin/server.ts';
import type { LoadedApi } from '../api/load.ts';
import { type App, startApp } from '../app.ts';
import { createFaults, type Faults } from '../base/faults.ts';
import type { Log } from '../base/log.ts';
import { version } from '../base/version.ts';
import { type Environment, type LoadedConfig, loadConfig, needsRestart } from '../config.ts';
import { messageOf } from '../errors.ts';
import { renderDecisions } from '../gate/render/index.ts';
import { openedAnswers, redactedAnswers } from './answers-shown.ts';
import type { ApiLoader } from './api-of.ts';
import { readCutover } from './cutover.ts';
import { decideOn, declarationsOf } from './deciding.ts';
import { createFaultWork } from './fault-work.ts';
import { guardProcess, type ProcessGuard } from './process-guard.ts';
import { type Call, startProcesses, type Told } from './processes.ts';
import { readSecrets, type Secrets } from './secrets.ts';
import type { FrontKind } from './sink-of.ts';
import { wholeConfig } from './whole-config.ts';

export interface ServiceOptions {
  /** What brings reads in; the proxy where it is not said. */
  readonly front?: FrontKind;
  readonly file: string | null;
  readonly loaded: LoadedConfig;
  /** What `loaded` says. */
  readonly api: LoadedApi;
  /** For a config that is read again. */
  readonly apiOf: ApiLoader;
  readonly processes: number;
  readonly environment: Environment;
  readonly log: Log;
}

export interface Service {
  /** How many routes the API has; without any, every request passes and none is verified. */
  readonly routes: number;
  readonly url: string;
  readonly adminUrl: string;
  close(): Promise<void>;
}

/** Starts what the config says; the worker processes of a crew come here too. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const secrets = readSecrets(options.loaded.config, options.environment);
  const { api } = options;
  const faults = createFaults(options.log);
  const guard = guardProcess(faults, options.log);
  const watched = { faults, guard };
  if (cluster.isWorker) return startWorker(options, api, secrets, watched);
  // 150 modules, which the admin port needs only where there is a MongoDB. Loaded at the first request, they would hold up
  // clients' reads meanwhile.
  if (options.loaded.config.stores.mongo !== undefined) await import('mongodb');
  const plane =
    options.processes > 1 ? await many(options, secrets, watched) : await one(options, api, secrets, watched);
  const stopSignals = onSignals(plane, options.log);
  try {
    const admin = await startAdmin(adminOptions(options, api, secrets, plane.plane));
    return {
      routes: api.routes.length,
      url: plane.url,
      adminUrl: admin.url,
      async close() {
        stopSignals();
        await plane.close();
        await admin.close();
      },
    };
  } catch (error) {
    stopSignals();
    await plane.close();
    throw error;
  }
}

/** What counts a process's exceptions, and what decides on those that come through to it. */
interface Watched {
  readonly faults: Faults;
  readonly guard: ProcessGuard;
}

type Running = Pick<Awaited<ReturnType<typeof startProcesses>>, 'url' | 'plane' | 'toggle' | 'reload' | 'close'>;

async function one(options: ServiceOptions, api: LoadedApi, secrets: Secrets, watched: Watched): Promise<Running> {
  const { app, reload } = await startReloadable(options, api, secrets, randomUUID().slice(0, 8), watched);
  return {
    url: app.url,
    plane: app.plane,
    toggle: async () => toggled(app, options.log),
    reload,
    close: () => app.close(),
  };
}

/** The workers share the redaction key, else their evidence would not count as one, and what proves their shadow reads. */
async function many(options: ServiceOptions, secrets: Secrets, { faults, guard }: Watched): Promise<Running> {
  const shared = options.environment.SHADOWREAD_REDACTION_KEY ?? randomBytes(32).toString('hex');
  const environment = {
    ...(secrets.redactionKeyIsRandom ? { SHADOWREAD_REDACTION_KEY: shared } : {}),
    ...(secrets.loopSecretIsRandom ? { SHADOWREAD_LOOP_SECRET: secrets.loopSecret } : {}),
  };
  const processes = await startProcesses(options.processes, environment, faults, options.log);
  // This process has only the admin port: whatever is thrown there, the workers go on serving.
  guard.serving({
    endedBy: () => false,
    broken: () => null,
    drain: () => processes.close(),
    drainMs: options.loaded.config.listen.drainMs,
  });
  return processes;
}

async function startWorker(
  options: ServiceOptions,
  api: LoadedApi,
  secrets: Secrets,
  watched: Watched,
): Promise<Service> {
  const { app, reload } = await startReloadable(
    options,
    api,
    secrets,
    `${cluster.worker?.id ?? 0}-${randomUUID().slice(0, 8)}`,
    watched,
  );
  const answer = async (request: Call): Promise<unknown> => {
    switch (request.method) {
      case 'snapshot':
        return app.plane.snapshot();
      case 'metrics':
        return app.plane.metrics();
      case 'ready':
        return app.plane.primaryReady();
      case 'toggle':
        return toggled(app, options.log);
      case 'reload':
        return reload();
      case 'control':
        return app.plane.control(request.patch);
      case 'recheck':
        return app.plane.recheck(Buffer.from(request.evidence, 'base64'));
      case 'close':
        return app.close();
      default:
        return request satisfies never;
    }
  };
  process.on('message', (request: Call) => {
    // No answer to a primary process that is gone; the handler of `disconnect` ends this process.
    const tell = (told: Told): void => void process.send?.(told, undefined, undefined, () => undefined);
    answer(request).then(
      (value) => tell({ call: request.call, error: null, value: value ?? null }),
      (error: unknown) => tell({ call: request.call, error: messageOf(error), value: null }),
    );
  });
  // The primary process decides: a Ctrl-C goes to the whole group, and the workers must outlive their clients.
  process.on('SIGUSR2', () => undefined);
  process.on('SIGHUP', () => undefined);
  process.send?.({ serving: app.url });
  return { routes: app.routes.length, url: app.url, adminUrl: '', close: () => app.close() };
}

async function startReloadable(
  options: ServiceOptions,
  api: LoadedApi,
  secrets: Secrets,
  instance: string,
  { faults, guard }: Watched,
): Promise<{ app: App; reload: () => Promise<void> }> {
  let current = options.loaded;
  let reloadError: string | null = null;
  const { environment, log, file } = options;
  const app = await startApp({
    ...(options.front === undefined ? {} : { front: options.front }),
    loaded: current,
    api,
    secrets,
    environment,
    version: version(),
    instance,
    log,
    faults,
    reloadError: () => reloadError,
  });
  guard.serving({
    endedBy: app.endedBy,
    broken: app.broken,
    drain: () => app.close(),
    drainMs: current.config.listen.drainMs,
  });
  const reload = async (): Promise<void> => {
    try {
      const { loaded: next } = await wholeConfig(() => loadConfig(file, environment), environment, options.apiOf);
      app.configure(next);
      const waits = needsRestart(current.config, next.config);
      if (waits.length > 0) log.warn(`config: ${waits.join(', ')} changed; a restart applies what changed`);
      current = next;
      reloadError = null;
      log.info(`config: reloaded, digest ${next.digest}`);
    } catch (error) {
      reloadError = messageOf(error);
      log.warn(`config: not reloaded, the one in force stays: ${reloadError}`);
    }
  };
  return { app, reload };
}

function toggled(app: App, log: Log): void {
  log.info(`shadowing is ${app.policy.toggle() ? 'on' : 'off'} (SIGUSR2)`);
}

/** SIGUSR2 turns shadowing off, and on again; SIGHUP reads the config again. Neither needs journal, twin or token. */
function onSignals(running: Running, log: Log): () => void {
  const run = (work: () => Promise<void>) => (): void => {
    work().catch((error: unknown) => log.warn(messageOf(error)));
  };
  const toggle = run(running.toggle);
  const reload = run(running.reload);
  process.on('SIGUSR2', toggle);
  process.on('SIGHUP', reload);
  return () => {
    process.off('SIGUSR2', toggle);
    process.off('SIGHUP', reload);
  };
}

function adminOptions(
  options: ServiceOptions,
  api: LoadedApi,
  secrets: Secrets,
  plane: Running['plane'],
): AdminOptions {
  const { config, digest } = options.loaded;
  const desk = { config, digest, api };
  const comparators = new Map(api.routes.map(({ key, comparator }) => [key, comparator]));
  return {
    config,
    configDigest: digest,
    tokens: { change: secrets.adminToken, read: secrets.adminReadToken, reveal: secrets.revealToken },
    plane,
    declared: declarationsOf(api),
    version: version(),
    log: options.log,
    evaluate: (domain, reader) => decideOn(domain, reader, desk),
    decide: (domain, { reader, writer }, who) => decideOn(domain, reader, desk, { writer, who }),
    faultWork: createFaultWork(config, api, (evidence) => plane.recheck(evidence)),
    cutover: () => readCutover(desk),
    markdown: (decision) => renderDecisions([decision], 'markdown'),
    answersOf: (evidence, verdict) =>
      redactedAnswers(evidence, verdict, secrets, config.redaction.showPaths, comparators),
    openedAnswers: (evidence, verdict) =>
      openedAnswers(evidence, verdict, secrets, config.redaction.showPaths, comparators),
  };
}
