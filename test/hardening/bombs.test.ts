import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect } from 'chai';
import { decodeBody } from '../../src/verifier/decode.ts';

const LIMIT = 100_000;
const ENCODERS: readonly (readonly [coding: string, encode: (bytes: Uint8Array) => Buffer])[] = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
];

describe('bodies that grow when they are decoded', () => {
  const zeros = Buffer.alloc(8_000_000);

  for (const [coding, encode] of ENCODERS)
    it(`${coding} (${encode.name}) ends at the limit, and one byte below it is read`, async () => {
      const bomb = encode(zeros);
      expect(bomb.length).to.be.lessThan(LIMIT);
      expect(await decodeBody(bomb, [coding], LIMIT)).to.include({ ok: false, why: 'oversized' });
      expect(await decodeBody(encode(Buffer.alloc(LIMIT + 1)), [coding], LIMIT)).to.include({
        ok: false,
        why: 'oversized',
      });
      const fits = await decodeBody(encode(Buffer.alloc(LIMIT)), [coding], LIMIT);
      expect(fits.ok && fits.body.length).to.equal(LIMIT);
    });

  it('nested: each stage ends at the limit, and more than three stages are not begun', async () => {
    for (const [first, encode] of ENCODERS) {
      const inner = encode(zeros);
      for (const [second, again] of ENCODERS) {
        const once = again(inner);
        expect(await decodeBody(once, [first, second], LIMIT), `${first} in ${second}`).to.include({
          why: 'oversized',
        });
        expect(
          await decodeBody(gzipSync(once), [first, second, 'gzip'], LIMIT),
          `${first} in ${second} in gzip`,
        ).to.include({
          why: 'oversized',
        });
      }
    }
    expect(await decodeBody(gzipSync('x'), ['gzip', 'gzip', 'gzip', 'gzip'], LIMIT)).to.include({ why: 'unknown' });
  });

  it('cut short, followed by more, or of another coding than they say, are unreadable and never a body', async () => {
    for (const [coding, encode] of ENCODERS) {
      const whole = encode(Buffer.from('{"a":1}'.repeat(100)));
      expect(await decodeBody(whole.subarray(0, whole.length >> 1), [coding], LIMIT), `${coding}, cut`).to.include({
        ok: false,
      });
      expect(await decodeBody(Buffer.from('{"a":1}'), [coding], LIMIT), `${coding}, plain`).to.include({ ok: false });
    }
    expect(await decodeBody(gzipSync('x'), ['exi'], LIMIT)).to.include({ why: 'unknown' });
  });
});
