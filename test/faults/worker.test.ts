/** Whatever happens to a worker or a rule: its reads end as `verifier_error`, all others go on, a new worker takes over. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { NO_API } from '../../src/api/load.ts';
import type { Rejection } from '../../src/base/rejections.ts';
import { type Listening, listen, MirrorBench, policyOf } from '../support/mirror-bench.ts';

const THING = JSON.stringify({
  _id: '64b000000000000000000001',
  name: 'Lamp',
  amount: 12.5,
  currency: 'EUR',
  at: '2026-05-01T10:00:00.000Z',
});
const good = { route: 'GET /things/:id', target: '/things/64b000000000000000000001' };

describe('a worker that fails', function () {
  this.slow(10_000);
  let primary: Listening;
  let twin: Listening;

  before(async () => {
    primary = await listen((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(THING);
    });
    twin = await listen((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(THING);
    });
  });

  after(async () => {
    await Promise.all([primary.close(), twin.close()]);
  });

  const run = async (
    name: string,
    poison: { route: string; target: string },
    replaced: boolean,
    options: ConstructorParameters<typeof MirrorBench>[2] = {},
  ): Promise<MirrorBench> => {
    const bench = new MirrorBench(primary.url, twin.url, { niceness: 0, ...options });
    try {
      await bench.mirror.ready;
      for (let i = 0; i < 10; i += 1) await bench.one(good);
      const verdict = await bench.one(poison);
      expect(verdict).to.include({ kind: 'skipped', reason: 'verifier_error' });
      expect(verdict.detail).to.be.a('string');
      expect(verdict.detail).not.to.contain('4711');
      // Whoever was with that worker is counted too; the next reads wait for the new one.
      let last = await bench.one(good);
      for (let i = 0; i < 200 && last.kind !== 'match'; i += 1) last = await bench.one(good);
      expect(last.kind).to.equal('match');
      const counts = bench.mirror.counts();
      const sum = Object.values(counts.verdicts).reduce((total, count) => total + count, 0);
      expect(sum + counts.inFlight).to.equal(counts.seen);
      expect(counts).to.include({ inFlight: 0, heldBytes: 0 });
      expect(counts.twinConcurrency.inUse).to.equal(0);
      expect(counts.workers.replaced > 0).to.equal(replaced);
      console.log(
        `      ${name}: ${JSON.stringify({ ...bench.kinds(), workers: counts.workers, detail: verdict.detail })}`,
      );
      return bench;
    } finally {
      await bench.close();
    }
  };

  it('because a rule throws: only that read is lost, and the detail names where without the value', async () => {
    await run('a rule throws', { route: 'GET /throws', target: '/throws' }, false);
  });

  it('not because a rule leaves a promise behind that is rejected: it is told with where, and nothing is lost', async () => {
    const heard = Promise.withResolvers<Rejection>();
    const bench = new MirrorBench(primary.url, twin.url, { niceness: 0, onRejection: heard.resolve });
    try {
      await bench.mirror.ready;
      expect(await bench.one({ route: 'GET /strays', target: '/strays' })).to.include({ kind: 'match' });
      const { kind, text, drivers } = await heard.promise;
      expect({ kind, drivers }).to.deep.equal({ kind: 'RangeError', drivers: false });
      expect(text)
        .to.match(/things-routes\.ts/)
        .and.not.include('4711');
      expect(await bench.one(good)).to.include({ kind: 'match' });
      expect(bench.mirror.counts().workers.replaced).to.equal(0);
    } finally {
      await bench.close();
    }
  });

  it('because a rule never ends: the watchdog replaces it', async () => {
    await run('a rule never ends', { route: 'GET /loops', target: '/loops' }, true, { hangMs: 2_000 });
  });

  it('because it runs out of memory: the process lives on', async () => {
    await run('out of memory', { route: 'GET /hoards', target: '/hoards' }, true, {
      resourceLimits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16 },
      hangMs: 8_000,
    });
  });

  it('because it exits: the reads with it are counted', async () => {
    await run('exits', { route: 'GET /exits', target: '/exits' }, true);
  });

  it('because it exits with reads ahead of need: each of them has its verdict', async () => {
    const bench = new MirrorBench(primary.url, twin.url, { niceness: 0, policy: policyOf({ twinConcurrency: 1 }) });
    try {
      await bench.mirror.ready;
      const poison = { route: 'GET /exits', target: '/exits' };
      await Promise.all([poison, good, good, good, good, good].map((offer) => bench.read(offer)));
      await bench.until(6);
      const counts = bench.mirror.counts();
      expect(counts).to.deep.include({ seen: 6, inFlight: 0, heldBytes: 0, queued: 0 });
      expect(counts.twinConcurrency.inUse).to.equal(0);
      expect(bench.kinds()['skipped:verifier_error']).to.be.at.least(1);
      expect(Object.keys(bench.kinds())).to.have.members(
        bench.kinds().match === undefined ? ['skipped:verifier_error'] : ['skipped:verifier_error', 'match'],
      );
      while ((await bench.one(good)).kind !== 'match');
    } finally {
      await bench.close();
    }
  });

  it('because every read kills it: replacing backs off, and what comes meanwhile is refused at once', async () => {
    const bench = new MirrorBench(primary.url, twin.url, { niceness: 0 });
    try {
      await bench.mirror.ready;
      for (let i = 0; i < 6; i += 1) await bench.one({ route: 'GET /exits', target: '/exits' });
      const counts = bench.mirror.counts();
      expect(counts.workers.replaced).to.be.within(2, 6);
      expect(bench.kinds()).to.include.keys('skipped:verifier_error');
      expect(Object.keys(bench.kinds()).every((kind) => kind.startsWith('skipped:'))).to.equal(true);
      console.log(`      a crash loop: ${JSON.stringify({ ...bench.kinds(), workers: counts.workers })}`);
    } finally {
      await bench.close();
    }
  });

  it('because its route table cannot be loaded: the mirror says so and refuses', async () => {
    const bench = new MirrorBench(primary.url, twin.url, { api: { ...NO_API, module: 'file:///no/such/routes.ts' } });
    try {
      const failed = await bench.mirror.ready.then(
        () => null,
        (error: Error) => error,
      );
      expect(failed?.message).to.contain('the API module cannot be loaded').and.to.contain('/no/such/routes.ts');
      const verdict = await bench.one(good);
      expect(verdict.kind).to.equal('skipped');
    } finally {
      await bench.close();
    }
  });

  it('because its API module throws at every start: the third failure is logged as an error, and ends when it starts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'throwing-api-'));
    const healed = join(folder, 'healed');
    const module = join(folder, 'api.mjs');
    const things = new URL('../support/things-routes.ts', import.meta.url).href;
    await writeFile(
      module,
      `import { existsSync } from 'node:fs';
if (!existsSync(${JSON.stringify(healed)})) throw new Error('no tables today');
export const { api } = await import(${JSON.stringify(things)});
`,
    );
    const bench = new MirrorBench(primary.url, twin.url, {
      niceness: 0,
      api: { ...NO_API, module: pathToFileURL(module).href },
    });
    try {
      const kinds = new Set<string>();
      while (bench.mirror.counts().verifier !== 'failed') {
        const verdict = await bench.one(good);
        kinds.add(`${verdict.kind}:${verdict.reason}`);
      }
      expect([...kinds].filter((kind) => kind !== 'skipped:verifier_error')).to.deep.equal([]);
      const counts = bench.mirror.counts();
      expect(counts.verifierError).to.contain('no tables today');
      expect(counts.workers.replaced).to.be.at.least(3);
      expect(await bench.one(good)).to.include({ kind: 'skipped', reason: 'verifier_error' });
      await logged(bench, 'nothing is verified: no verifier worker can start');
      await writeFile(healed, '');
      while (bench.mirror.counts().verifier !== 'running') await new Promise((resolve) => setTimeout(resolve, 20));
      expect(bench.mirror.counts().verifierError).to.equal(null);
      await logged(bench, 'reads are verified again');
      expect((await bench.one(good)).kind).to.equal('match');
    } finally {
      await bench.close();
      await rm(folder, { recursive: true });
    }
  });

  async function logged(bench: MirrorBench, text: string): Promise<void> {
    while (!bench.logs.some((line) => line.includes(text))) await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
