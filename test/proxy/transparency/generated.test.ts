import { expect } from 'chai';
import fc from 'fast-check';
import { RawClient } from '../../support/raw-http.ts';
import { sized } from '../../support/sized.ts';
import { until } from '../../support/until.ts';
import { openPair, type Pair } from './kit.ts';
import { expectSame } from './same.ts';
import { EXCHANGE } from './scripts.ts';

const RUNS = Number(process.env.TRANSPARENCY_RUNS ?? sized(1_000, 2_000));
const SEED = Number(process.env.TRANSPARENCY_SEED ?? 20_261_125);
/** Exchanges under way at once, each on connections of its own that it keeps as long as they may be kept. */
const LANES = 16;

describe('transparency: generated exchanges', () => {
  let pair: Pair;
  before(async () => {
    pair = await openPair();
  });
  after(() => pair.close());

  it(`${RUNS} generated exchanges are the same through the proxy as asked directly`, async function () {
    this.timeout(Math.max(600_000, RUNS * 600));
    const scripts = fc.sample(EXCHANGE, { numRuns: RUNS, seed: SEED });
    const queue = scripts.map((make, index) => ({ index, make }));
    const lanes = Array.from({ length: LANES }, async () => {
      const direct = new RawClient(pair.upstream.port);
      const through = new RawClient(pair.proxyPort);
      for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
        const name = `s${job.index}`;
        await expectSame(pair, { direct, through }, name, job.make(name));
      }
      direct.close();
      through.close();
    });
    await Promise.all(lanes);
    expect(pair.gate.broken, 'admissions that ended twice').to.equal(0);
  });

  it('every read that was admitted has ended once', async () => {
    await until(() => pair.proxy.inFlight === 0);
    expect(pair.gate.ended).to.equal(pair.gate.admitted);
    expect(pair.gate.admitted).to.be.greaterThan(RUNS / 4);
  });
});
