import { expect } from 'chai';
import { NO_API } from '../../src/api/load.ts';
import { loadConfig } from '../../src/config.ts';
import { mirrorOptionsOf } from '../../src/service/mirror-options.ts';
import { createPolicy } from '../../src/service/policy.ts';
import { readSecrets } from '../../src/service/secrets.ts';
import { openVerifier } from '../../src/verifier/open.ts';
import { listen, routeOf } from '../support/mirror-bench.ts';
import { verifierSettings } from '../support/verifier-settings.ts';

const TYPE = ['content-type', 'application/json'];
const TWIN_MS = 2_500;

describe('a primary that takes longer than a twin may', () => {
  it('is read again, so that what differs is a mismatch', async () => {
    const primary = await listen((_request, response) => {
      setTimeout(() => response.writeHead(200, TYPE).end('{"error":{"code":"a"}}'), TWIN_MS + 500);
    });
    const twin = await listen((_request, response) => response.writeHead(200, TYPE).end('{"error":{"code":"b"}}'));
    const verifier = await openVerifier(
      verifierSettings({
        primaryUrl: primary.url,
        twinUrl: twin.url,
        api: { ...NO_API, module: new URL('../support/things-routes.ts', import.meta.url).href },
        settle: { delaysMs: [10], busyRounds: 0 },
        timeoutMs: TWIN_MS,
        primaryTimeouts: { timeoutMs: 60_000, connectTimeoutMs: 60_000 },
      }),
    );
    const trace = { traceId: '0'.repeat(32), parentSpanId: null, spanId: '1', twinSpanId: '2', sampled: true };
    const body = Buffer.from('{"error":{"code":"a"}}');
    const exchange = {
      ...{ id: 'x', route: routeOf('GET /things/:id'), served: 'primary' as const, trace, overheadMs: 0 },
      request: { method: 'GET', target: '/things/1', rawHeaders: ['Host', 'api'], body: null },
      answer: { status: 200, rawHeaders: TYPE, body, askedAt: 0, headersMs: TWIN_MS, totalMs: TWIN_MS },
    } as const;
    const { body: verdict } = await verifier.verify(
      { exchange, representation: 'primary', control: false },
      { requestEnded: () => undefined, readAgain: () => Promise.resolve(true) },
    );
    await Promise.all([verifier.close(), primary.close(), twin.close()]);
    expect([verdict.kind, verdict.reason]).to.deep.equal(['mismatch', null]);
  });

  it('has the time that the config gives it, and less than its read has', () => {
    const timeoutsOf = (jobMs: number) => {
      const { config } = loadConfig(null, { SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9' });
      const given = { ...config, verifier: { ...config.verifier, jobMs } };
      return mirrorOptionsOf(given, NO_API, readSecrets(config, {}), createPolicy(config, []).current())
        .primaryTimeouts;
    };
    expect(timeoutsOf(60_000)).to.deep.equal({ timeoutMs: 30_000, connectTimeoutMs: 5_000 });
    expect(timeoutsOf(600_000)).to.deep.equal({ timeoutMs: 60_000, connectTimeoutMs: 5_000 });
  });
});
