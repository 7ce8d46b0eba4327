import { expect } from 'chai';
import { freshJournal } from '../support/journal-database.ts';
import { startProxyProcess } from '../support/proxy-process.ts';

describe('the admin port of a proxy that finds its routes by traffic', () => {
  it('has a gate for their domain', async () => {
    const proxy = await startProxyProcess(
      {
        SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9',
        SHADOWREAD_TWIN_URL: 'http://127.0.0.1:9',
        SHADOWREAD_JOURNAL_URL: await freshJournal(),
      },
      'routes: { table: auto }\n',
    );
    try {
      const { gates } = await proxy.get<{ gates: readonly { readonly domain: string }[] }>('/api/gates');
      expect(gates.map(({ domain }) => domain)).to.deep.equal(['auto']);
      const { decision } = await proxy.get<{ decision: { readonly outcome: string } }>('/api/gates/auto');
      expect(decision.outcome).to.equal('undecided');
    } finally {
      await proxy.stop();
    }
  });
});
