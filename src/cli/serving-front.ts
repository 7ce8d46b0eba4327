/** How proxy and sink are served: with their admin port, in one process or several. */
import cluster from 'node:cluster';
import { AUTO } from '../api/auto-routes.ts';
import { createLog } from '../base/log.ts';
import { type Config, canBeReadAgain } from '../config.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import { collectSeldom } from '../service/garbage.ts';
import { type Service, startService } from '../service/service.ts';
import { heedSignals } from '../service/signals.ts';
import type { FrontKind } from '../service/sink-of.ts';
import { wholeConfig } from '../service/whole-config.ts';
import { loadApiOf } from './api.ts';
import { configOf, numberOption, type Options, textOption } from './options.ts';
import { leaveSoon, ORPHAN_MS, serveUntilStopped } from './serving.ts';
import { hasStarted } from './starting.ts';

export async function serveFront(front: FrontKind, options: Options): Promise<ExitStatus> {
  try {
    return await serve(front, options);
  } catch (error) {
    // A worker process that cannot start would live on by its connection to the primary process, which waits for its end.
    process.channel?.unref();
    throw error;
  }
}

async function serve(front: FrontKind, options: Options): Promise<ExitStatus> {
  const signals = heedSignals();
  collectSeldom();
  const file = textOption(options, 'config') ?? null;
  const { loaded, api } = await wholeConfig(() => configOf(options), process.env, loadApiOf);
  const processes = numberOption(options, 'processes') ?? loaded.config.listen.processes;
  if (processes > 1 && file !== null && !canBeReadAgain(file)) {
    throw new ShadowError('SHADOW_USAGE', 'several processes cannot share a config that is read once', {
      expected: 'a file on disk, which each process reads, or one process',
      actual: `--config ${file} with ${processes} processes`,
    });
  }
  const service = await startService({
    front,
    file,
    loaded,
    api,
    apiOf: loadApiOf,
    processes,
    environment: process.env,
    log: createLog(),
    signals,
  });
  if (cluster.isWorker) {
    await serveUntilTold(service);
    return EXIT.yes;
  }
  await serveUntilStopped(
    {
      addresses: { [front]: service.url, admin: service.adminUrl, processes },
      sentence: [
        `${front} at ${service.url} for ${loaded.config.primary.url ?? ''}, twin ${loaded.config.twin.url ?? 'not configured: nothing is mirrored'}; admin port ${service.adminUrl}`,
        ...(isOneSide(loaded.config) ? [ONE_SIDE] : []),
        ...(service.routes > 0 ? [] : [loaded.config.routes.table === AUTO ? BY_SHAPE : unverified(front)]),
      ].join('\n'),
      reloads: true,
      close: service.close,
    },
    options,
  );
  return EXIT.yes;
}

/** Both addresses are one, and nothing that the twin alone is sent could tell it that it is meant. */
function isOneSide({ primary, twin, routes }: Config): boolean {
  if (primary.url === undefined || twin.url === undefined || twin.credentials !== undefined) return false;
  if (new URL(primary.url).href !== new URL(twin.url).href) return false;
  return (
    JSON.stringify(primary.headers) === JSON.stringify(twin.headers) &&
    routes.entries.every(({ twinPath }) => twinPath === undefined)
  );
}

const ONE_SIDE =
  'primary.url and twin.url are one address: the API is compared with itself, and a match proves nothing. Set twin.url (SHADOWREAD_TWIN_URL) to the API on Postgres.';

/** What a front without routes does, and what to do next. */
const unverified = (
  front: FrontKind,
): string => `No routes are configured: ${{ proxy: 'every request passes to the primary', sink: 'every copy is answered' }[front]}, and none is verified. /api/status counts them as "passed".
Next, one of these:
  shadowread ${front} --routes auto    verifies every GET at once: routes by the shape of their paths, strict rules
  shadowread learn --out FILE       drafts routes and rules from live traffic; then shadowread ${front} --config FILE
  shadowread init --openapi FILE    drafts them from an OpenAPI document
or describe the routes of your API under routes.entries (docs/adding-an-api.md).`;

const BY_SHAPE = `Routes by the shape of their paths: every GET is verified, by strict rules, in one domain "${AUTO}".
Differences in form alone (ids, money, instants) are reported too: shadowread learn --out FILE drafts rules for them.`;

/** A worker process stops when the primary process says so or is gone; then too, those who wait for an answer get it. */
async function serveUntilTold(service: Service): Promise<void> {
  const hard = (): never => process.exit(1);
  hasStarted();
  if ((await toldToStop()) === 'orphaned') setTimeout(hard, ORPHAN_MS).unref();
  // The primary process has been told a second time.
  else process.once('disconnect', hard);
  await service.close();
  process.off('disconnect', hard);
  if (process.connected) process.disconnect();
  leaveSoon();
}

/** A Ctrl-C in the terminal reaches a worker process too early, and what is sent to the whole group reaches it twice. */
function toldToStop(): Promise<'told' | 'orphaned'> {
  const { promise, resolve } = Promise.withResolvers<'told' | 'orphaned'>();
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => resolve('told'));
  // Else Node ends the process at once, with all its clients, when the primary process is gone.
  if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true;
  process.once('disconnect', () => resolve('orphaned'));
  return promise;
}
