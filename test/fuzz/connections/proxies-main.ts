/** Two proxies in one process, as no config alone has them: one whose reads the twin serves, one with the long way alone. */
import { createFaults } from '../../../src/base/faults.ts';
import { createLog } from '../../../src/base/log.ts';
import type { ProxyOptions } from '../../../src/proxy/options.ts';
import { createProxy } from '../../../src/proxy/proxy.ts';
import { guardProcess } from '../../../src/service/process-guard.ts';
import type { Route } from '../../../src/types.ts';
import { CountingGate } from '../../proxy/transparency/kit.ts';

const [primary = '', twin = ''] = process.argv.slice(2);
const route = (method: 'GET' | 'POST'): Route => ({ key: `${method} /w/:n`, method, pattern: '/w/:n', domain: 'wild' });
const GET = route('GET');
const POST = route('POST');
const log = createLog();
const faults = createFaults(log);
const guard = guardProcess(faults, log);
const gate = new CountingGate();

function open(more: Partial<ProxyOptions>): ReturnType<typeof createProxy> {
  return createProxy({
    primary,
    twin,
    gate,
    match: (method, target) => {
      if (!/^\/(?:w|steady|p)\//.test(target)) return null;
      if (method === 'POST') return target.startsWith('/p/') ? POST : null;
      return method === 'GET' || method === 'HEAD' ? GET : null;
    },
    timeouts: { silentMs: 15_000, twinMs: 2_000 },
    hooks: { onFault: faults.record },
    ...more,
  });
}

const flipped = open({ serve: () => 'twin' });
const long = open({ shortWay: false });
const ports = { flipped: (await flipped.listen(0)).port, long: (await long.listen(0)).port };
guard.serving({
  endedBy: flipped.endedBy,
  broken: () => null,
  drain: () => flipped.close({ deadlineMs: 100 }),
  drainMs: 100,
});
process.on('message', () => {
  process.send?.({
    faults: faults.figures(),
    underWay: [...flipped.underWay(), ...long.underWay()],
    inFlight: flipped.inFlight + long.inFlight,
    admitted: gate.admitted,
    ended: gate.ended,
    broken: gate.broken,
  });
});
process.on('disconnect', () => process.exit(0));
process.send?.(ports);
