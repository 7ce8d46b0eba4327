import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Answer } from '../../src/types.ts';
import { readAnswer } from '../../src/verifier/answers.ts';

const JSON_TYPE = 'application/json';
const answer = (body: Uint8Array | string, type = JSON_TYPE, coding: string | null = null): Answer => ({
  status: 200,
  rawHeaders: ['Content-Type', type, ...(coding === null ? [] : ['Content-Encoding', coding])],
  body: typeof body === 'string' ? Buffer.from(body) : body,
  askedAt: 0,
  headersMs: 0,
  totalMs: 0,
});
const options = { limit: 1_000_000, head: false };

describe('two answers of the same bytes', () => {
  const text = '{"_id":"64b000000000000000000001","amount":12.5}';

  it('are read once, also where one of them came compressed', async () => {
    const beside = await readAnswer(answer(text), options);
    for (const other of [answer(text), answer(gzipSync(text), JSON_TYPE, 'gzip')])
      expect((await readAnswer(other, { ...options, beside })).content).to.equal(beside.content);
  });

  it('are read twice where a byte differs, the type is another, or the first could not be read', async () => {
    const beside = await readAnswer(answer(text), options);
    for (const other of [
      answer(text.replace('12.5', '12.6')),
      answer(`${text} `),
      answer(text, 'application/json; v=2'),
    ])
      expect((await readAnswer(other, { ...options, beside })).content).not.to.equal(beside.content);
    const broken = await readAnswer(answer('{"a":'), options);
    const { content } = await readAnswer(answer('{"a":'), { ...options, beside: broken });
    expect(content).not.to.equal(broken.content);
    expect(content.media).to.equal('unreadable');
  });
});
