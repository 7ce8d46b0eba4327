/** A serving process in which exceptions come out of nowhere: asked for /bomb, and for /broken, by what counts reads. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaults } from '../../src/base/faults.ts';
import { createLog } from '../../src/base/log.ts';
import { ShadowError } from '../../src/errors.ts';
import { createProxy } from '../../src/proxy/proxy.ts';
import { guardProcess } from '../../src/service/process-guard.ts';
import type { Admission, IncomingRead } from '../../src/types.ts';

const primary = createServer((request, response) => {
  if (request.url === '/ok') {
    response.end(request.url);
    return;
  }
  response.write('begun, ');
  setTimeout(() => response.end('ended'), 700);
});
await new Promise<void>((resolve) => primary.listen(0, '127.0.0.1', resolve));

function throwLater(thrown: Error): 'held' {
  process.nextTick(() => {
    throw thrown;
  });
  return 'held';
}

const admit = (read: IncomingRead): Admission => ({
  hold() {
    if (read.target === '/bomb') return throwLater(new TypeError('zqx7canary'));
    if (read.target === '/broken') return throwLater(new ShadowError('SHADOW_INTERNAL', 'nothing adds up'));
    return 'held';
  },
  complete: () => undefined,
  skip: () => undefined,
});

const log = createLog();
const faults = createFaults(log);
const guard = guardProcess(faults, log);
const proxy = createProxy({
  primary: `http://127.0.0.1:${(primary.address() as AddressInfo).port}`,
  twin: null,
  shortWay: false,
  match: () => ({ key: 'GET /:any', method: 'GET', pattern: '/:any', domain: 'test' }),
  gate: { admit },
  hooks: { onFault: faults.record },
});
const { port } = await proxy.listen(0);
guard.serving({
  endedBy: proxy.endedBy,
  broken: () => null,
  drain: () => proxy.close({ deadlineMs: 5_000 }),
  drainMs: 5_000,
});
process.on('message', () => process.send?.(faults.figures()));
process.send?.({ port });
