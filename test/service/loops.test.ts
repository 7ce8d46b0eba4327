import { expect } from 'chai';
import { type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';

describe('a service of two processes that trusts no address', () => {
  let proxy: ProxyProcess;
  before(async () => {
    const nobody = 'http://127.0.0.1:9';
    proxy = await startProxyProcess(
      { SHADOWREAD_PRIMARY_URL: nobody, SHADOWREAD_TWIN_URL: nobody },
      'routes: { table: amanat }\nloop: { trust: nobody }\n',
      ['--processes', '2'],
    );
  });
  after(() => proxy.stop());

  it('counts who says that it is a shadow read as one, in the status and the metrics, and skips none of them', async () => {
    for (let i = 0; i < 6; i += 1) {
      const answer = await fetch(`${proxy.url}/api/levels`, {
        headers: { 'X-Shadow-Read': '1', Authorization: 'Bearer zqx7canary', Connection: 'close' },
      });
      expect(answer.status).to.equal(502);
    }
    const { loops, faults, seen } = await proxy.until((status) => status.seen === 6 && status.inFlight === 0);
    expect(seen).to.equal(6);
    expect(loops).to.include({ believed: 0, doubted: 6 });
    expect(loops.callers).to.have.length(1);
    expect(loops.callers[0]).to.include({ address: '127.0.0.1', believed: 0, doubted: 6 });
    expect(JSON.stringify(loops)).to.not.include('zqx7');
    expect(faults.total).to.equal(0);
    const metrics = await (await fetch(`${proxy.admin}/metrics`)).text();
    expect(metrics).to.match(/^shadow_loop_claims_total\{believed="false".*\} 6$/m);
    expect(metrics).to.not.match(/reason="loop"/);
  });
});
