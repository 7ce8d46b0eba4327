import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import * as kit from '../../src/rules/kit.ts';
import type { Answer } from '../../src/types.ts';
import { readAnswer, unreadableOf } from '../../src/verifier/answers.ts';
import { compileRoute } from '../../src/verifier/engine.ts';
import { ALL_KNOWN } from '../support/comparing.ts';

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

describe('two answers of other bytes', () => {
  const page = (amount: string): string =>
    `{"data":[{"at":"2026-01-01T00:00:00.000Z","amount":${amount}}],"token":"t"}`;
  const row = kit.object({ at: kit.instant(), amount: kit.money({ scale: 2 }) });
  const fields = { data: kit.ordered(row, ['-at'], { identity: 'at' }), token: kit.ignored('made anew') };
  const route = compileRoute(kit.comparator('things', kit.object(fields)), { primary: '', twin: '' });
  const context = { params: {}, query: new Map(), representation: 'twin', ids: ALL_KNOWN } as const;
  const readBoth = async (primary: string, twin: string) => {
    const mine = await readAnswer(answer(primary), options);
    return [mine, await readAnswer(answer(twin), { ...options, beside: mine })] as const;
  };

  it('are no values where they mean the same, and what they say is told without values', async () => {
    const [mine, its] = await readBoth(page('12.5'), page('"12.50"'));
    expect(route.compare(mine, its, context).outcome).to.equal('equal');
    const said = route.meaning(mine, new Map());
    expect([mine.unread == null, its.unread == null]).to.deep.equal([false, false]);
    expect(unreadableOf({ differences: [], count: 0, undecided: null, ms: 0 }, mine, its)).to.equal(null);
    // As the value says, which a read that differed at first is told by.
    expect(mine.content.media).to.equal('json');
    expect(mine.unread).to.equal(null);
    expect(route.meaning(mine, new Map())).to.equal(said);
  });

  it('go with the next minor collection of garbage once they are compared', async () => {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    // Twice: what is alive at the first one moves on at the second.
    const collectYoung = (): void => {
      for (let i = 0; i < 2; i += 1) if (typeof collect === 'function') collect({ type: 'minor' });
    };
    const filler = 'x'.repeat(50_000);
    const compareOne = async (n: number): Promise<void> => {
      const [mine, its] = await readBoth(page(`12.5,"n":"${n}${filler}"`), page(`"12.50","n":"${n}${filler}"`));
      expect(route.compare(mine, its, context).outcome).to.equal('equal');
    };
    for (let n = 0; n < 10; n += 1) await compareOne(n);
    collectYoung();
    const before = process.memoryUsage().heapUsed;
    const pairs = 100;
    for (let n = 0; n < pairs; n += 1) {
      await compareOne(n);
      if (n % 10 === 9) collectYoung();
    }
    collectYoung();
    expect(process.memoryUsage().heapUsed - before).to.be.below((pairs * filler.length) / 5);
  });

  it('are compared by value where they differ, and each that is no JSON is found', async () => {
    const [mine, its] = await readBoth(page('12.5'), page('12.6'));
    expect(route.compare(mine, its, context).outcome).to.equal('differs');
    for (const [primary, twin, side] of [
      ['{"data":', page('1'), 'primary'],
      [page('1'), '{"data":', 'twin'],
      ['{"data":', '{"data":', 'primary'],
    ] as const) {
      const pair = await readBoth(primary, twin);
      expect(route.compare(...pair, context).outcome).to.equal('equal');
      expect(unreadableOf({ differences: [], count: 0, undecided: null, ms: 0 }, ...pair)?.side).to.equal(side);
    }
  });

  it('of which the first is no UTF-8, or HTML, are read as ever', async () => {
    for (const [body, type] of [
      [Buffer.from([0x22, 0xff, 0x22]), JSON_TYPE],
      ['<p>', 'text/html'],
    ] as const) {
      const mine = await readAnswer(answer(body, type), options);
      const its = await readAnswer(answer('{}'), { ...options, beside: mine });
      expect([mine.unread ?? null, its.unread ?? null]).to.deep.equal([null, null]);
    }
  });
});
