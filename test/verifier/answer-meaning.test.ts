/** How many answers there are, by the hashes in verdicts of a real worker. */
import { expect } from 'chai';
import { NO_API } from '../../src/api/load.ts';
import type { RouteEntry } from '../../src/api/route.ts';
import { answerRoutes } from '../support/answer-routes.ts';
import { type Listening, listen, MirrorBench, policyOf } from '../support/mirror-bench.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('distinct answers', function () {
  this.slow(10_000);
  let side: Listening;
  let bench: MirrorBench;
  let body: () => string = () => '{}';
  let fields: () => Readonly<Record<string, string>> = () => ({});

  before(async () => {
    side = await listen((request, response) => {
      response.writeHead(
        200,
        request.url === '/table' ? { 'content-type': 'text/csv' } : { ...JSON_TYPE, ...fields() },
      );
      response.end(body());
    });
    bench = new MirrorBench(side.url, side.url, {
      niceness: 0,
      settle: { delaysMs: [5], busyRounds: 0 },
      policy: policyOf({ twinTimeoutMs: 20_000 }, { domains: { answers: { stage: 'shadow', percent: 100 } } }),
      api: { ...NO_API, module: new URL('../support/answer-routes.ts', import.meta.url).href },
    });
    await bench.mirror.ready;
  });

  after(async () => {
    await bench.close();
    await side.close();
  });

  const entryOf = (pattern: string): RouteEntry => {
    const entry = answerRoutes.find((each) => each.pattern === pattern);
    if (entry === undefined) throw new Error(`no route ${pattern}`);
    return entry;
  };

  /** How many answers `times` reads are: `print` gives each request's body, of either side. */
  async function answersOf(target: string, times: number, print: (request: number) => string): Promise<number> {
    let request = 0;
    body = () => print(request++);
    const route = entryOf(target.split('?', 1)[0] ?? '');
    const hashes = new Set<string>();
    for (let i = 0; i < times; i += 1) {
      const verdict = await bench.one({ route, target });
      expect(verdict.kind).to.equal('match');
      hashes.add(verdict.answerHash);
    }
    return hashes.size;
  }

  it('are one for 400 reads with a fresh token in an ignored field', async () => {
    expect(await answersOf('/one', 400, (n) => JSON.stringify({ name: 'Lamp', token: `t${n}` }))).to.equal(1);
  });

  it('are two where a compared field differs, whatever else is ignored', async () => {
    // A read asks both sides: the pair agrees, and the next one says something else.
    const print = (n: number): string => JSON.stringify({ name: n < 2 ? 'Lamp' : 'Desk', token: `t${n}` });
    expect(await answersOf('/one', 2, print)).to.equal(2);
  });

  it('are two where a value differs that a tolerance or a rule of the own is for', async () => {
    const share = (n: number): string => JSON.stringify({ name: 'Lamp', token: `t${n}`, share: n < 2 ? 0.5 : 0.25 });
    expect(await answersOf('/one', 2, share)).to.equal(2);
    const own = (n: number): string => JSON.stringify({ name: 'Lamp', token: `t${n}`, own: n < 2 ? 'a' : 'b' });
    expect(await answersOf('/one', 2, own)).to.equal(2);
  });

  it('are two where a field differs that no rule names', async () => {
    const print = (n: number): string => JSON.stringify({ name: 'Lamp', token: `t${n}`, more: n < 2 ? 1 : 2 });
    expect(await answersOf('/one', 2, print)).to.equal(2);
  });

  it('are one whatever the order of a set, and two by what is in it', async () => {
    const turned = (n: number): string => JSON.stringify({ tags: n % 2 === 0 ? ['a', 'b', 'c'] : ['c', 'a', 'b'] });
    expect(await answersOf('/set', 10, (n) => turned(n >> 1))).to.equal(1);
    expect(await answersOf('/set', 2, (n) => JSON.stringify({ tags: n < 2 ? ['a', 'b'] : ['a', 'a'] }))).to.equal(2);
  });

  it('are one where only items of the same sort key change places, and two where others do', async () => {
    const rows = [
      { at: 2, id: 'x' },
      { at: 1, id: 'y' },
      { at: 1, id: 'z' },
    ];
    const ties = (n: number): string => JSON.stringify(n < 2 ? rows : [rows[0], rows[2], rows[1]]);
    expect(await answersOf('/sorted', 2, ties)).to.equal(1);
    const moved = (n: number): string => JSON.stringify(n < 2 ? rows : [rows[1], rows[0], rows[2]]);
    expect(await answersOf('/sorted', 2, moved)).to.equal(2);
  });

  it('are one where an ignored column of a table differs', async () => {
    expect(await answersOf('/table', 4, (n) => `id,made\n1,${n}\n`)).to.equal(1);
    expect(await answersOf('/table', 2, (n) => `id,made\n${n < 2 ? 1 : 2},${n}\n`)).to.equal(2);
  });

  it('are two where a compared field differs by what it means, whatever the other fields say', async () => {
    for (const [name, first, then, answers] of [
      ['location', '/orders/1', '/orders/2', 2],
      ['cache-control', 'private, max-age=5', 'Max-Age=5,private', 1],
      ['x-total', '5', '6', 2],
      ['x-share', '0.5', '0.25', 2],
      ['vary', 'accept', 'cookie', 1],
      ['etag', '"a"', '"b"', 1],
    ] as const) {
      let asked = 0;
      fields = () => ({ [name]: asked++ < 2 ? first : then });
      expect(await answersOf('/fields', 2, () => '"same"'), name).to.equal(answers);
    }
    fields = () => ({});
  });
});
