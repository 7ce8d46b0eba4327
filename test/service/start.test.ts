/** What a start loads: each package costs 50 to 300 ms of CPU, in every process and again in every worker thread. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startProxyProcess } from '../support/proxy-process.ts';

/** Needed where a store, a route of GraphQL or a collector is configured, or by other commands. */
const LATER = [
  'mongodb',
  'mongoose',
  'graphql',
  'drizzle-orm',
  '@opentelemetry/sdk-trace',
  '@opentelemetry/otlp-transformer',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/exporter-metrics-otlp-http',
];
/** All that verifying takes. */
const IN_WORKER = ['deep-diff', 'undici'];

describe('the start of a proxy', () => {
  it('loads no package before something needs it, neither in the process nor in a worker', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shadowread-start-'));
    const noted = join(folder, 'modules');
    const hook = new URL('../support/note-modules.ts', import.meta.url).href;
    const proxy = await startProxyProcess({
      SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9',
      SHADOWREAD_TWIN_URL: 'http://127.0.0.1:9',
      NODE_OPTIONS: `--import=${hook}`,
      NOTED_MODULES: noted,
    });
    try {
      const lines = readFileSync(noted, 'utf8').split('\n');
      const packagesOf = (thread: string): readonly string[] => [
        ...new Set(
          lines
            .filter((line) => line.startsWith(thread))
            .flatMap((line) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(line)?.[1] ?? []),
        ),
      ];
      expect(packagesOf('main')).to.include('zod');
      expect(packagesOf('main').filter((name) => LATER.includes(name))).to.deep.equal([]);
      expect([...packagesOf('worker')].sort()).to.deep.equal(IN_WORKER);
    } finally {
      await proxy.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
