/** Whatever a rule does to the worker of a real process: its own reads are lost and counted, nothing else is. */
import { expect } from 'chai';
import { type HostileTwin, hostileTwin } from '../support/hostile-twin.ts';
import { CONCURRENCY, Ordeal } from '../support/ordeal.ts';
import { MIX, readsOf } from '../support/steady-clients.ts';
import { THING, thingsConfig } from '../support/steady-primary.ts';

const POISON = ['throws', 'loops', 'hoards', 'exits'] as const;
const HEAP_MB = 64;
const CONFIG = `${thingsConfig(POISON)}
twin: { concurrency: ${CONCURRENCY} }
verifier: { niceness: 0, heapMb: ${HEAP_MB}, hangMs: 6000 }
`;

const NAMES: Readonly<Record<(typeof POISON)[number], string>> = {
  throws: 'a comparator that throws',
  loops: 'a worker stuck in a loop: the watchdog replaces it',
  hoards: 'a worker out of memory',
  exits: 'a worker that is killed',
};

describe('faults of the workers, on a real process', () => {
  let twin: HostileTwin;
  let on: Ordeal;

  before(async () => {
    twin = await hostileTwin(THING);
    on = await Ordeal.begin({ environment: { SHADOWREAD_TWIN_URL: twin.url }, config: CONFIG });
  });
  after(async () => {
    await on?.end();
    await twin.close();
  });

  for (const kind of POISON) {
    it(NAMES[kind], async () => {
      const before = (await on.proxy.status()).workers.replaced;
      await on.suffer({
        name: NAMES[kind],
        shows: 'verifier_error',
        begin: () => undefined,
        end: () => undefined,
        // One read of the poison among many others: those are with the same worker.
        mix: [...MIX, ...MIX, ...readsOf(`/${kind}`), ...MIX, ...MIX],
        requests: 42,
        // The heap of the one that dies, and of the next, before the system has it back.
        holdsMb: kind === 'hoards' ? 2 * HEAP_MB : 0,
      });
      const { replaced } = (await on.proxy.status()).workers;
      if (kind === 'throws') expect(replaced).to.equal(before);
      else expect(replaced).to.be.greaterThan(before);
    });
  }
});
