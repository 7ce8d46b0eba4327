import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { assets, type WORDS } from '../../src/admin/assets.ts';
import * as figures from '../../src/base/figure-words.ts';
import * as measures from '../../src/base/measure-words.ts';
import * as texts from '../../src/base/plain-text.ts';

/** What each module says of some values; the browser's copy must say the same. */
const SAID: Readonly<Record<keyof typeof WORDS, (module: Readonly<Record<string, unknown>>) => unknown>> = {
  'figure-words.js': ({ rateWords, count, millis }) => [
    called(rateWords, 0.055, 307, 0.191, 0.5),
    called(rateWords, null, 0, null, null),
    called(count, 1_204_000),
    called(millis, 1_234),
  ],
  'measure-words.js': ({ measureWords }) => [
    called(measureWords, { of: 'number', delta: '-1', unit: 'USD 1e-2' }),
    called(measureWords, { of: 'text', how: 'case', lengths: [4, 4] }),
    called(measureWords, { of: 'instant', shiftMs: 3_600_000 }),
    called(measureWords, { of: 'of a later version' }),
  ],
  'plain-text.js': ({ visibleLines }) => [called(visibleLines, 'a\u001b[31m\u202eb\n')],
};

function called(made: unknown, ...values: readonly unknown[]): unknown {
  if (typeof made !== 'function') throw new TypeError('the module lost a function');
  return Reflect.apply(made, undefined, values);
}

describe("the dashboard's words", () => {
  it('are those of the terminal, from one source', async () => {
    const server = createServer(express().use(assets()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const own = { 'figure-words.js': figures, 'measure-words.js': measures, 'plain-text.js': texts };
      for (const name of ['figure-words.js', 'measure-words.js', 'plain-text.js'] as const) {
        const answer = await fetch(`http://127.0.0.1:${port}/assets/words/${name}`);
        expect(answer.headers.get('content-type')).to.match(/^text\/javascript/);
        const source = await answer.text();
        expect(source, 'a browser resolves no import of ours').to.not.match(/^\s*import\b/m);
        const served: Readonly<Record<string, unknown>> = await import(
          `data:text/javascript,${encodeURIComponent(source)}`
        );
        expect(SAID[name](served), name).to.deep.equal(SAID[name](own[name]));
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
