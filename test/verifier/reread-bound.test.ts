/** What a read that keeps differing costs the primary, counted at the primary. */
import { expect } from 'chai';
import { type Listening, listen, MirrorBench } from '../support/mirror-bench.ts';

const ID = '64b000000000000000000001';
const thing = (name: string): string =>
  JSON.stringify({ _id: ID, name, amount: 1, currency: 'EUR', at: '2026-05-01T10:00:00.000Z', owner: null });

describe('a row that never holds still', function () {
  this.slow(10_000);
  let primary: Listening;
  let twin: Listening;
  let asked = 0;

  before(async () => {
    primary = await listen((_request, response) => {
      asked += 1;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(thing(`moving ${asked}`));
    });
    twin = await listen((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(thing('still'));
    });
  });

  after(async () => {
    await Promise.all([primary.close(), twin.close()]);
  });

  for (const { busyRounds, lagMs } of [
    { busyRounds: 0, lagMs: 0 },
    { busyRounds: 2, lagMs: 0 },
    { busyRounds: 12, lagMs: 0 },
    { busyRounds: 0, lagMs: 600 },
    { busyRounds: 4, lagMs: 600 },
  ]) {
    it(`asks the primary again at most 3 + ${busyRounds} times, the sync being ${lagMs} ms late`, async () => {
      const settle = { delaysMs: [20, 60, 150], busyRounds };
      const bench = new MirrorBench(primary.url, twin.url, { niceness: 0, settle });
      try {
        await bench.mirror.ready;
        bench.mirror.setSyncLag(lagMs);
        const before = asked;
        const verdict = await bench.one({ route: 'GET /things/:id', target: `/things/${ID}` });
        expect(verdict.kind).to.equal('unstable');
        // One of them is the client's own.
        const again = asked - before - 1;
        expect(again).to.equal(verdict.rechecks.length);
        expect(again).to.be.within(3, 3 + busyRounds);
      } finally {
        await bench.close();
      }
    });
  }
});
