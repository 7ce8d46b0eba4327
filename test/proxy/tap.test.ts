import { expect } from 'chai';
import fc from 'fast-check';
import { Tap } from '../../src/proxy/tap.ts';
import type { Admission, CompletedAnswer, ExchangeRequest } from '../../src/types.ts';
import { until } from '../support/until.ts';
import { Wire } from '../support/wire.ts';
import { CountingGate, openPair } from './transparency/kit.ts';
import { answerOf, expectSameCase, send } from './transparency/same.ts';

const REQUEST: ExchangeRequest = { method: 'GET', target: '/', rawHeaders: [], body: null };
const ANSWER = { status: 200, rawHeaders: [], askedAt: 0, headersMs: 0, totalMs: 0, overheadMs: 0 };

describe('the tap', () => {
  it('ends its admission exactly once, whatever is done to it in whatever order', () => {
    const act = fc.constantFrom('keep', 'complete', 'skip', 'reserve');
    const answers = fc.array(fc.constantFrom('held', 'held', 'held', 'overload', 'too_large', 'throws'), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 12 }), answers, (acts, holds) => {
        let ends = 0;
        let afterEnd = 0;
        const queue = [...holds];
        const admission: Admission = {
          hold() {
            if (ends > 0) afterEnd += 1;
            const next = queue.shift() ?? 'held';
            if (next === 'throws') throw new Error('hold');
            return next;
          },
          complete() {
            ends += 1;
          },
          skip() {
            ends += 1;
          },
        };
        const tap = new Tap(admission, () => {});
        for (const one of acts) {
          if (one === 'keep') tap.keep(new Uint8Array(3));
          else if (one === 'reserve') tap.reserve(3);
          else if (one === 'complete') tap.complete(REQUEST, ANSWER);
          else tap.skip('client_aborted');
        }
        tap.skip('client_aborted');
        return ends === 1 && afterEnd === 0 && !tap.open;
      }),
      { numRuns: 2_000, seed: 5 },
    );
  });

  it('hands over the very chunks it was given', () => {
    const chunks = [new Uint8Array([1]), new Uint8Array([2, 3])];
    const got: CompletedAnswer[] = [];
    const tap = new Tap(
      { hold: () => 'held', complete: (_request, answer) => got.push(answer), skip: () => {} },
      () => {},
    );
    for (const chunk of chunks) tap.keep(chunk);
    tap.complete(REQUEST, ANSWER);
    expect(got[0]?.chunks[0]).to.equal(chunks[0]);
    expect(got[0]?.chunks[1]).to.equal(chunks[1]);
  });

  for (const limit of ['overload', 'too_large'] as const) {
    it(`an answer that is ${limit} passes whole, let go once, with nothing held afterwards`, async () => {
      let held = 0;
      const reasons: string[] = [];
      const pair = await openPair({
        gate: {
          admit: () => ({
            hold(bytes) {
              held += bytes;
              return held > 100_000 ? limit : 'held';
            },
            complete: () => reasons.push('complete'),
            skip: (reason) => reasons.push(reason),
          }),
        },
      });
      await expectSameCase(pair, { start: 'GET /x HTTP/1.1' }, answerOf('200 OK', [], Buffer.alloc(2_000_000, 'x')));
      await until(() => reasons.length > 0);
      expect(reasons).to.deep.equal([limit]);
      await pair.close();
    });
  }

  it('keeps conservation under clients that leave at any moment', async () => {
    const pair = await openPair();
    pair.upstream.scripts.set('x', {
      steps: [
        { do: 'pause', ms: 2 },
        send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'),
        { do: 'pause', ms: 2 },
        send('5\r\nworld\r\n0\r\n\r\n'),
      ],
    });
    const asked = Array.from({ length: 200 }, async (_, i) => {
      const wire = new Wire(pair.proxyPort);
      wire.send('GET /x HTTP/1.1\r\nHost: a\r\nX-Script: x\r\n\r\n');
      await new Promise((resolve) => setTimeout(resolve, i % 12));
      if (i % 2 === 0) wire.socket.resetAndDestroy();
      else wire.socket.destroy();
    });
    await Promise.all(asked);
    await until(() => pair.proxy.inFlight === 0);
    expect(pair.gate.broken).to.equal(0);
    expect(pair.gate.ended).to.equal(pair.gate.admitted);
    await pair.close();
  });

  it('a POST read hands over its body, byte for byte', async () => {
    const bodies: string[] = [];
    const gate = new CountingGate();
    const pair = await openPair({
      match: () => ({ key: 'POST /search', method: 'POST', pattern: '/search', domain: 'test' }),
      gate: {
        admit() {
          const admission = gate.admit();
          return {
            ...admission,
            complete(request, answer) {
              bodies.push(Buffer.from(request.body ?? []).toString('latin1'));
              admission.complete(request, answer);
            },
          };
        },
      },
    });
    const ok = answerOf('200 OK', [], 'found');
    await expectSameCase(pair, { start: 'POST /search HTTP/1.1', fields: ['Content-Length: 5'], body: 'a\xe9b c' }, ok);
    await expectSameCase(
      pair,
      {
        start: 'POST /search HTTP/1.1',
        fields: ['Transfer-Encoding: chunked'],
        body: '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
      },
      ok,
    );
    await until(() => bodies.length === 2);
    expect(bodies).to.deep.equal(['a\xe9b c', 'abcde']);
    expect(gate.ended).to.equal(gate.admitted);
    await pair.close();
  });
});
