/** Keyed hashes in one shot are the same as those of an HMAC object, which other versions wrote into the journal. */
import { createHmac, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { readAnswer } from '../../src/verifier/answers.ts';
import { Hashes } from '../../src/verifier/hashes.ts';

function byObject(key: Uint8Array, parts: readonly (string | Uint8Array)[]): string {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(`${part.length}:`).update(part);
  return hmac.digest('hex').slice(0, 16);
}

describe('keyed hashes', () => {
  const cases: readonly (readonly [string, readonly (string | Uint8Array)[]])[] = [
    ['nothing', []],
    ['short texts', ['entity', 'GET /things/:id', '', '[]']],
    ['text of two, three and four bytes a character', ['é', '€', '😀', 'x']],
    ['half of a surrogate pair', ['\ud83d']],
    ['bytes', ['answer', Uint8Array.of(0, 255, 128)]],
    ['a text that just fits, and one that does not', ['a'.repeat(5_000)]],
    ['a long text', ['€'.repeat(6_000), 'after']],
    ['long bytes after a short text', ['a', randomBytes(20_000)]],
    ['bytes that just do not fit', [randomBytes(16 * 1024)]],
  ];
  for (const length of [16, 32, 64, 65, 200]) {
    it(`are HMAC-SHA-256 with a key of ${length} bytes`, () => {
      const key = randomBytes(length);
      const hashes = new Hashes(key);
      for (const [what, parts] of [...cases, ...cases])
        expect(hashes.of(...parts), what).to.equal(byObject(key, parts));
    });
  }
});

describe('an answer that needs no decoding', () => {
  const answer = { status: 200, body: Buffer.from('{"a":1}'), askedAt: 0, headersMs: 0, totalMs: 0 };

  it('is read at once, so that of answers that came together one is judged after the other', () => {
    expect(readAnswer({ ...answer, rawHeaders: ['content-type', 'application/json'] }, { limit: 100, head: false }))
      .to.have.property('content')
      .that.deep.equals({ media: 'json', value: { a: 1 } });
  });

  it('is waited for where it has to be decoded', async () => {
    const coded = readAnswer({ ...answer, rawHeaders: ['content-encoding', 'gzip'] }, { limit: 100, head: false });
    expect(coded).to.be.instanceOf(Promise);
    expect((await coded).content).to.include({ media: 'unreadable', why: 'bad_encoding' });
  });
});
