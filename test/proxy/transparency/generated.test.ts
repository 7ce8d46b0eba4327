import { expect } from 'chai';
import fc from 'fast-check';
import { RawClient, statusOf } from '../../support/raw-http.ts';
import { noticed, noticedRequest, openPair, owed, type Pair } from './kit.ts';
import { EXCHANGE, type Exchange } from './scripts.ts';

const RUNS = Number(process.env.TRANSPARENCY_RUNS ?? 2_000);
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
    this.timeout(Math.max(60_000, RUNS * 60));
    const scripts = fc.sample(EXCHANGE, { numRuns: RUNS, seed: SEED });
    const queue = scripts.map((make, index) => ({ index, make }));
    const lanes = Array.from({ length: LANES }, async () => {
      const direct = new RawClient(pair.upstream.port);
      const through = new RawClient(pair.proxyPort);
      for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
        const name = `s${job.index}`;
        await compare(pair, direct, through, name, job.make(name));
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

async function compare(
  pair: Pair,
  direct: RawClient,
  through: RawClient,
  name: string,
  exchange: Exchange,
): Promise<void> {
  const { upstream } = pair;
  upstream.scripts.set(name, exchange.script);
  const plain = await direct.ask(exchange.request, exchange.method, exchange.later);
  const plainRequest = noticedRequest(upstream.asked.get(name)?.at(-1));
  upstream.asked.delete(name);
  const proxied = await through.ask(exchange.request, exchange.method, exchange.later);
  const proxiedRequest = noticedRequest(upstream.asked.get(name)?.at(-1));
  upstream.asked.delete(name);
  upstream.scripts.delete(name);
  const told = `${name} (seed ${SEED})\n${exchange.request.toString('latin1').slice(0, 600)}\n${stepsToText(exchange)}`;
  const due = owed(plain);
  if (due === 'gateway') {
    expect(proxied.head === null ? null : statusOf(proxied.head), told).to.equal(502);
    if (exchange.method !== 'HEAD') expect(proxied.body.toString(), told).to.include('"code":"SHADOW_PRIMARY"');
    expect(noticed(proxied).interims, told).to.deep.equal(noticed(plain).interims);
  } else expect(noticed(proxied), told).to.deep.equal(due);
  expect(proxiedRequest, `${told}\nas the primary was asked`).to.deep.equal(plainRequest);
}

function stepsToText(exchange: Exchange): string {
  return exchange.script.steps
    .map((step) => (step.do === 'send' ? JSON.stringify(step.bytes.toString('latin1').slice(0, 400)) : step.do))
    .join('\n');
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
