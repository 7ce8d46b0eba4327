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
});
