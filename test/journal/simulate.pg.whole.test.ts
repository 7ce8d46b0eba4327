import { expect } from 'chai';
import { simulate } from '../../src/journal/simulate.ts';
import { sharedPostgres } from '../support/stores.ts';

describe('journal/simulate', () => {
  it('measures a small fleet and shows the arithmetic of a large one', async () => {
    const { url } = await sharedPostgres();
    const { data, text } = await simulate({ url, phaseMs: 200, replicas: 20, readsPerSecond: 2_000 });
    expect(data.byMinute.batches).to.be.greaterThan(0);
    expect(data.bySecond.readsPerBatch).to.equal(100);
    // Histograms and patterns have rows by the hour: sixty minutes of reads make no more of them.
    expect(data.perHour.rows).to.be.greaterThan(0);
    expect(data.hour.rows).to.equal(data.perMinute.rows * 60 + data.perHour.rows + data.hour.mismatches);
    expect(data.utilisation.byMinute).to.be.closeTo(20 / 60 / data.byMinute.perSecond, 1e-9);
    expect(text)
      .to.contain('20 replicas, 2,000 reads/s: 100 reads/s a replica')
      .and.contain('a minute x 60 +')
      .and.contain('an hour +');
  });
});
