import { expect } from 'chai';
import { startChild } from '../../src/amanat/demo/child.ts';
import { freshAmanat } from '../support/amanat.ts';
import { startProxyProcess } from '../support/proxy-process.ts';

describe("compose.yaml's traffic", () => {
  it('reads and writes through a proxy that runs elsewhere until it is stopped', async () => {
    const on = await freshAmanat();
    const proxy = await startProxyProcess({ SHADOWREAD_PRIMARY_URL: on.reference });
    try {
      const traffic = await startChild('traffic', ['demo', '--traffic', proxy.url], { MONGODB_URI: on.mongoUri });
      await proxy.until(({ seen }) => seen > 20);
      await traffic.stop(120_000);
      expect(await traffic.ended).to.equal(0);
    } finally {
      await proxy.stop();
      await on.close();
    }
  });
});
