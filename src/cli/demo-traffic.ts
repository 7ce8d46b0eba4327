/** `shadowread demo --traffic URL`: the demo's reads and writes alone, for a stack that runs elsewhere (compose.yaml). */
import { setTimeout as pause } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { readCatalogue } from '../amanat/demo/catalogue.ts';
import { seeded } from '../amanat/demo/random.ts';
import { runTraffic } from '../amanat/demo/traffic.ts';
import { startWrites } from '../amanat/demo/writes.ts';
import { EXIT, type ExitStatus } from '../errors.ts';
import { configOf, mongoUrl, numberOption, type Options } from './options.ts';
import { serveUntilStopped } from './serving.ts';

/** Together some 30 reads a second: to look at, not to load. */
const PACE = { concurrency: 2, restMs: 250 } as const;

export async function demoTraffic(proxy: string, options: Options): Promise<ExitStatus> {
  const seed = numberOption(options, 'seed') ?? 1;
  const mongo = await MongoClient.connect(mongoUrl(configOf(options).config));
  const catalogue = await readCatalogue(mongo.db()).finally(() => mongo.close());
  const stopped = new AbortController();
  const writes = startWrites({ proxy, catalogue, random: seeded(seed + 1), onlyNew: false, pauseMs: 1_000 });
  const reads = runTraffic({
    proxy,
    catalogue,
    random: seeded(seed),
    reads: Number.POSITIVE_INFINITY,
    concurrency: PACE.concurrency,
    signal: stopped.signal,
    onProgress: () => undefined,
    ready: () => pause(PACE.restMs, true),
  });
  await serveUntilStopped(
    {
      addresses: { traffic: proxy },
      sentence: `reads and writes of the demo go to ${proxy}`,
      async close() {
        stopped.abort();
        await Promise.all([reads, writes.stop()]);
      },
    },
    options,
  );
  return EXIT.yes;
}
