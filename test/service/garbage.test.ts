import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const FRONT = fileURLToPath(new URL('../../src/cli/serving-front.ts', import.meta.url));

/** V8 has no call that reads a setting back; it traces the factor by which a heap may grow with each collection. */
const CHILD = `
const { serveFront } = await import(${JSON.stringify(FRONT)});
gc();
console.log('front');
// It ends where it would read the config: nothing is served.
await serveFront('proxy', { config: '/nowhere/shadowread.yaml' }).catch((error) => console.log(error.code));
gc();
`;

/** How often the heap is marked while 400 MB pass from one socket to another: as a front has it, and as V8 has it. */
const PASSING = `
const { serveFront } = await import(${JSON.stringify(FRONT)});
await serveFront('proxy', { config: '/nowhere/shadowread.yaml' }).catch(() => undefined);
const { once } = await import('node:events');
const { connect, createServer } = await import('node:net');
const { constants, PerformanceObserver } = await import('node:perf_hooks');
const { setFlagsFromString } = await import('node:v8');
let marked = 0;
const observer = new PerformanceObserver((list) => {
  marked += list.getEntries().filter(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR).length;
});
observer.observe({ entryTypes: ['gc'] });
const part = Buffer.alloc(1024 * 1024);
async function marksOf() {
  gc();
  await new Promise(setImmediate);
  marked = 0;
  let parts = 400;
  const server = createServer((socket) => {
    const send = () => {
      while (parts-- > 0) if (!socket.write(part)) return socket.once('drain', send);
      socket.end();
    };
    send();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await once(connect(server.address().port, '127.0.0.1').resume(), 'close');
  server.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  return marked;
}
const ours = await marksOf();
setFlagsFromString('--no-external-memory-accounted-in-global-limit');
console.log(JSON.stringify([ours, await marksOf()]));
`;

describe('how a front collects garbage', () => {
  it('lets heaps grow to twice what lives in them, from before anything starts', async () => {
    const options = ['--expose-gc', '--trace-gc-verbose', '--input-type=module', '--eval', CHILD];
    const { stdout } = await promisify(execFile)(process.execPath, options, { maxBuffer: 64 * 1024 * 1024 });
    const [before = '', after = ''] = stdout.split('\nfront\n');
    expect(after).to.include('SHADOW_CONFIG');
    const last = (text: string): string | undefined =>
      [...text.matchAll(/\[HeapController\] factor ([\d.]+)/g)].at(-1)?.[1];
    expect(last(before), 'V8 decides by itself').to.be.a('string').and.not.equal('2.0');
    expect(last(after)).to.equal('2.0');
  });
  it('marks its heap seldom for bodies that pass, which lie outside of it', async () => {
    const options = ['--expose-gc', '--no-memory-reducer', '--input-type=module', '--eval', PASSING];
    const { stdout } = await promisify(execFile)(process.execPath, options);
    const [ours, usual]: [number, number] = JSON.parse(stdout);
    expect(usual).to.be.above(4);
    expect(ours).to.be.below(usual * 0.75);
  });
});
