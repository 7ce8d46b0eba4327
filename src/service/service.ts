/** The running service: data plane in this process or in several, and the admin port. */
import cluster from 'node:cluster';
import { randomUUID } from 'node:crypto';
import type { AdminOptions } from '../admin/context.ts';
import { startAdmin } from '../admin/server.ts';
import type { LoadedApi } from '../api/load.ts';
import { type App, type AppOptions, startApp } from '../app.ts';
import { createFaults, type Faults } from '../base/faults.ts';
import type { Log } from '../base/log.ts';
import { version } from '../base/version.ts';
import { type Environment, type LoadedConfig, needsRestart, reloadConfig } from '../config.ts';
import { messageOf } from '../errors.ts';
import { renderDecisions } from '../gate/render/index.ts';
import { openedAnswers, redactedAnswers } from './answers-shown.ts';
import type { ApiLoader } from './api-of.ts';
import type { Call, Said, Told } from './crew.ts';
import { type CrewState, NOTHING_TOLD } from './crew-state.ts';
import { readCutover } from './cutover.ts';
import { decideOn, declarationsOf } from './deciding.ts';
import { createFaultWork } from './fault-work.ts';
import { guardProcess, type ProcessGuard } from './process-guard.ts';
import { startProcesses } from './processes.ts';
import { readSecrets, type Secrets, sharedKeys } from './secrets.ts';
import type { Signals } from './signals.ts';
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
  readonly signals: Signals;
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
  const { config } = options.loaded;
  const shared = options.processes > 1 && !cluster.isWorker ? sharedKeys(config, options.environment) : {};
  const secrets = readSecrets(config, { ...options.environment, ...shared });
  const { api } = options;
  const faults = createFaults(options.log);
  const guard = guardProcess(faults, options.log);
  const watched = { faults, guard };
  if (cluster.isWorker) return startWorker(options, api, secrets, watched);
  // 150 modules, which the admin port needs only where there is a MongoDB. Loaded at the first request, they would hold up
  // clients' reads meanwhile.
  if (config.stores.mongo !== undefined) await import('mongodb');
  const plane =
    options.processes > 1 ? await many(options, shared, watched) : await one(options, api, secrets, watched);
  let stopping = false;
  try {
    const admin = await startAdmin({ ...adminOptions(options, api, secrets, plane.plane), stopping: () => stopping });
    options.signals.serve(plane, options.log);
    return {
      routes: api.routes.length,
      url: plane.url,
      adminUrl: admin.url,
      async close() {
        options.signals.ignore();
        stopping = true;
        await plane.close();
        await admin.close();
      },
    };
  } catch (error) {
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
  const beginning = { instance: randomUUID().slice(0, 8), begun: NOTHING_TOLD };
  const { app, reload } = await startReloadable(options, api, secrets, beginning, watched);
  return {
    url: app.url,
    plane: app.plane,
    toggle: async () => toggled(app, options.log),
    reload,
    close: () => app.close(),
  };
}

/** `shared`: the environment of the workers, in addition to this process's. */
async function many(
  options: ServiceOptions,
  shared: Readonly<Record<string, string>>,
  { faults, guard }: Watched,
): Promise<Running> {
  const processes = await startProcesses(options.processes, shared, faults, options.log);
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
  // Nothing to a primary process that is gone; the handler of `disconnect` ends this process.
  const say = (said: Said | Told): void => void process.send?.(said, undefined, undefined, () => undefined);
  const begun = new Promise<CrewState>((resolve) => process.once('message', resolve));
  say({ says: 'begins' });
  const instance = `${cluster.worker?.id ?? 0}-${randomUUID().slice(0, 8)}`;
  const { app, reload } = await startReloadable(options, api, secrets, { instance, begun: await begun }, watched);
  const answer = async (request: Call): Promise<unknown> => {
    switch (request.method) {
      case 'snapshot':
        return app.plane.snapshot();
      case 'metrics':
        return app.plane.metrics();
      case 'ready':
        return app.plane.primaryReady();
      case 'switch':
        return toggled(app, options.log, request.off);
      case 'reload':
        return reload();
      case 'control':
        return app.plane.control(request.patch);
      case 'recheck':
        return app.plane.recheck(Buffer.from(request.evidence, 'base64'));
      default:
        return request satisfies never;
    }
  };
  process.on('message', (request: Call) => {
    answer(request).then(
      (value) => say({ call: request.call, error: null, value: value ?? null }),
      (error: unknown) => say({ call: request.call, error: messageOf(error), value: null }),
    );
  });
  // The primary process decides: what is sent to the whole group reaches the workers too.
  options.signals.ignore();
  say({ says: 'serves', url: app.url });
  return { routes: app.routes.length, url: app.url, adminUrl: '', close: () => app.close() };
}

async function startReloadable(
  options: ServiceOptions,
  api: LoadedApi,
  secrets: Secrets,
  beginning: Pick<AppOptions, 'instance' | 'begun'>,
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
    ...beginning,
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
  const readAgain = async (): Promise<void> => {
    try {
      const { loaded: next } = await wholeConfig(() => reloadConfig(file, environment), environment, options.apiOf);
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
  // One after the other: the last to be read is the last to be applied.
  let reloads = Promise.resolve();
  return {
    app,
    reload() {
      reloads = reloads.then(readAgain);
      return reloads;
    },
  };
}

function toggled({ policy }: App, log: Log, off?: boolean): void {
  log.info(`shadowing is ${policy.toggle(off) ? 'on' : 'off'} (SIGUSR2)`);
}

function adminOptions(
  options: ServiceOptions,
  api: LoadedApi,
  secrets: Secrets,
  plane: Running['plane'],
): Omit<AdminOptions, 'stopping'> {
  const { config, digest } = options.loaded;
  const desk = { config, digest, api };
  const comparators = new Map(api.routes.map(({ key, comparator }) => [key, comparator]));
  return {
    config,
    configDigest: digest,
    tokens: { change: secrets.adminToken, read: secrets.adminReadToken, reveal: secrets.revealToken },
    plane,
    declared: declarationsOf(api),
    domains: api.domains,
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
