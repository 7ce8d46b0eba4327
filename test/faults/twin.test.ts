/** Whatever a twin does: every read has its verdict, limits hold, and the first good answer after it is a match. */

import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { expect } from 'chai';
import type { Verdict } from '../../src/types.ts';
import { type HostileTwin, hostileTwin, MISDEEDS } from '../support/hostile-twin.ts';
import { LIMITS, type Listening, listen, MirrorBench, policyOf } from '../support/mirror-bench.ts';

const THING = JSON.stringify({
  _id: '64b000000000000000000001',
  name: 'Lamp',
  amount: 12.5,
  currency: 'EUR',
  at: '2026-05-01T10:00:00.000Z',
});
const offer = { route: 'GET /things/:id', target: '/things/64b000000000000000000001' };
const READS = 30;
/** Those that end by the deadline: so few, since the adaptive limit has them asked one after the other in the end. */
const HANGING_READS = 12;
/** Of a twin that hangs: a longer one where the machine was too slow for the shorter ones to show what is expected. */
const TIMEOUTS_MS = [300, 3_000, 30_000];

const EXPECTED: Readonly<Record<string, string>> = {
  'hangs before its headers': 'twin_timeout:headers_timeout',
  'hangs in the middle of its headers': 'twin_timeout:headers_timeout',
  'hangs in the middle of its body': 'twin_timeout:body_timeout',
  'sends a byte a second': 'twin_timeout:body_timeout',
  'answers 500': 'twin_error:status_5xx',
  'sends 200 MB': 'twin_error:oversized',
  'sends a gzip bomb': 'twin_error:oversized',
  'sends invalid JSON': 'twin_error:bad_json',
  'sends invalid UTF-8': 'twin_error:bad_utf8',
  'sends JSON nested 10,000 deep': 'twin_error:too_deep',
  'sends corrupt gzip': 'twin_error:bad_encoding',
  'resets before its headers': 'twin_error:reset',
  'resets in the middle of its body': 'twin_error:reset',
  'ends in the middle of its body': 'twin_error:reset',
  'does not speak HTTP': 'twin_error:protocol',
  'sends endless headers': 'twin_error:protocol',
};

function figures(name: string, bench: MirrorBench, more: Record<string, unknown>): void {
  const { seen, inFlight, heldBytes, heldBytesPeak, twinConcurrency, breaker } = bench.mirror.counts();
  const line = {
    seen,
    inFlight,
    ...bench.kinds(),
    heldBytes,
    heldBytesPeak,
    limit: twinConcurrency.limit,
    breaker,
    ...more,
  };
  console.log(`      ${name}: ${JSON.stringify(line)}`);
}

function expectConserved(bench: MirrorBench): void {
  const counts = bench.mirror.counts();
  const sum = Object.values(counts.verdicts).reduce((total, count) => total + count, 0);
  expect(sum + counts.inFlight, 'seen = verdicts + in flight').to.equal(counts.seen);
}

describe('a twin that misbehaves', function () {
  this.slow(10_000);
  let primary: Listening;
  let twin: HostileTwin;
  /** For all cases in which nothing ends by time: what one leaves behind is the next one's to suffer. */
  let patient: Promise<MirrorBench> | undefined;

  before(async () => {
    primary = await listen((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      response.end(THING);
    });
    twin = await hostileTwin(THING);
  });

  after(async () => {
    await (await patient)?.close();
    await Promise.all([primary.close(), twin.close()]);
  });

  const open = async (twinUrl: string, breaker = {}, twinTimeoutMs = LIMITS.twinTimeoutMs): Promise<MirrorBench> => {
    const bench = new MirrorBench(primary.url, twinUrl, {
      policy: policyOf({ twinTimeoutMs }),
      // Opens never, so that each case shows its own verdict; the breaker has a test of its own.
      breaker: { minimum: 1_000_000, ...breaker },
    });
    await bench.mirror.ready;
    return bench;
  };

  for (const [name, misdeed] of Object.entries(MISDEEDS)) {
    it(`that ${name} is a verdict each time, within limits, and forgotten once it is good again`, async () => {
      const expected = EXPECTED[name] ?? '';
      const hangs = expected.startsWith('twin_timeout');
      const reads = hangs ? HANGING_READS : READS;
      let shown = false;
      for (const timeoutMs of hangs ? TIMEOUTS_MS : [LIMITS.twinTimeoutMs]) {
        if (!shown) shown = await misbehaves(name, misdeed, expected, reads, timeoutMs);
      }
      expect(shown, expected).to.equal(true);
    });
  }

  /** Whether any of the verdicts was the expected one; all others are of a twin under pressure. */
  async function misbehaves(
    name: string,
    misdeed: HostileTwin['misdeed'],
    expected: string,
    reads: number,
    timeoutMs: number,
  ): Promise<boolean> {
    const shares = timeoutMs === LIMITS.twinTimeoutMs;
    if (shares) patient ??= open(twin.url);
    const bench = await ((shares ? patient : null) ?? open(twin.url, {}, timeoutMs));
    try {
      const before = twin.sockets;
      const from = bench.verdicts.length;
      twin.misdeed = misdeed;
      await Promise.all(Array.from({ length: reads }, () => bench.read(offer)));
      expectConserved(bench);
      await bench.until(from + reads);
      const verdicts = bench.verdicts.slice(from);
      expect(verdicts).to.have.length(reads);
      // On a busy machine, or where the twin holds every request until its deadline, what cannot be asked is shed.
      const others = verdicts.filter((verdict) => `${verdict.kind}:${verdict.reason}` !== expected);
      for (const { kind, reason, detail } of others) {
        expect(`${kind}:${reason}`, `${detail}`).to.match(/^(skipped:overload|twin_timeout:\w+)$/);
      }
      expect(twin.sockets - before, 'sockets').to.be.at.most(LIMITS.twinConcurrency + 10);
      twin.misdeed = null;
      let good = await bench.one(offer);
      while (good.kind === 'twin_timeout') good = await bench.one(offer);
      expect(good.kind).to.equal('match');
      expectConserved(bench);
      const counts = bench.mirror.counts();
      expect(counts).to.include({ inFlight: 0, heldBytes: 0, queued: 0 });
      expect(counts.twinConcurrency.inUse).to.equal(0);
      expect(counts.workers.replaced).to.equal(0);
      figures(name, bench, { rssMB: Math.round(process.memoryUsage.rss() / 1e6) });
      return others.length < reads;
    } finally {
      twin.misdeed = null;
      if (!shares) await bench.close();
    }
  }

  it('that refuses connections, cannot be found or does not accept is a verdict each time', async () => {
    const gone = await listen(() => undefined);
    await gone.close();
    const cases: readonly (readonly [url: string, reason: string])[] = [
      [gone.url, 'twin_error:refused'],
      ['http://no-such-host.invalid', 'twin_error:dns'],
    ];
    for (const [url, reason] of cases) {
      const bench = await open(url);
      try {
        await Promise.all(Array.from({ length: READS }, () => bench.read(offer)));
        await bench.until(READS);
        const wrong = Object.keys(bench.kinds()).filter((kind) => kind !== reason && kind !== 'skipped:overload');
        expect(bench.kinds()).to.include.keys(reason);
        expect(wrong.filter((kind) => !kind.startsWith('twin_timeout:connect'))).to.deep.equal([]);
        expectConserved(bench);
        figures(reason, bench, {});
      } finally {
        await bench.close();
      }
    }
  });

  it('that refuses TLS, or speaks plain HTTP where TLS is due, is a verdict each time', async () => {
    const refusing = createTlsServer({}, () => undefined);
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
    const { port } = refusing.address() as AddressInfo;
    for (const url of [`https://127.0.0.1:${port}`, primary.url.replace('http:', 'https:')]) {
      const bench = await open(url);
      try {
        await Promise.all(Array.from({ length: READS }, () => bench.read(offer)));
        await bench.until(READS);
        expect(bench.kinds()).to.include.keys('twin_error:tls');
        figures(url.replace(/\d+$/, ''), bench, {});
      } finally {
        await bench.close();
      }
    }
    await new Promise((resolve) => refusing.close(resolve));
  });

  it('opens the breaker, is left alone, is probed, and serves again', async () => {
    let bench = await open(twin.url, { minimum: 10, openMs: 150 });
    try {
      twin.misdeed = MISDEEDS['answers 500'] ?? null;
      for (const longerMs of [1_500, 15_000, null]) {
        const began = performance.now();
        for (let i = 0; i < 40; i += 1) await bench.one(offer);
        // So slow that it may have been probed meanwhile: then it is to stay open for longer.
        if (longerMs === null || performance.now() - began < longerMs / 10) break;
        await bench.close();
        bench = await open(twin.url, { minimum: 10, openMs: longerMs });
      }
      const kinds = bench.kinds();
      expect(kinds['twin_error:status_5xx']).to.equal(10);
      expect(kinds['skipped:breaker_open']).to.equal(30);
      const askedWhileOpen = twin.asked;
      expect(bench.mirror.counts().breaker).to.equal('open');
      twin.misdeed = null;
      let last: Verdict = await bench.one(offer);
      while (last.kind !== 'match') {
        await new Promise((resolve) => setTimeout(resolve, 20));
        last = await bench.one(offer);
      }
      while (bench.mirror.counts().breaker !== 'closed') await bench.one(offer);
      expect(twin.asked - askedWhileOpen).to.be.at.most(4);
      expectConserved(bench);
      figures('breaker', bench, { opened: bench.mirror.counts().breakerOpened });
    } finally {
      twin.misdeed = null;
      await bench.close();
    }
  });

  it('that slows down gets fewer requests at once, and as much as before when it is quick again', async () => {
    const bench = await open(twin.url, {}, 600);
    try {
      const lowest = async (reads: number): Promise<number> => {
        let limit = bench.mirror.counts().twinConcurrency.limit;
        const from = bench.verdicts.length;
        for (let i = 0; i < reads; i += 1) {
          await Promise.all(Array.from({ length: 10 }, () => bench.read(offer)));
          await bench.until(from + (i + 1) * 10);
          limit = Math.min(limit, bench.mirror.counts().twinConcurrency.limit);
        }
        return limit;
      };
      await lowest(10);
      twin.misdeed = MISDEEDS['hangs before its headers'] ?? null;
      const slow = await lowest(2);
      expect(slow).to.be.lessThan(LIMITS.twinConcurrency);
      twin.misdeed = null;
      while (bench.mirror.counts().twinConcurrency.limit < LIMITS.twinConcurrency) await lowest(5);
      figures('adaptive concurrency', bench, { lowest: slow });
    } finally {
      twin.misdeed = null;
      await bench.close();
    }
  });
});
