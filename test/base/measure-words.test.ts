import { expect } from 'chai';
import { measureWords } from '../../src/base/measure-words.ts';
import type { Measure } from '../../src/types.ts';

describe('what a measure says', () => {
  for (const [measure, words] of [
    [{ of: 'number', delta: '1', unit: 'USD 1e-2' }, 'twin is +0.01 USD'],
    [{ of: 'number', delta: '-1', unit: 'USDT 1e-6' }, 'twin is -0.000001 USDT'],
    [{ of: 'number', delta: '-12345', unit: 'EUR 1e-2' }, 'twin is -123.45 EUR'],
    [{ of: 'number', delta: '7', unit: 'JPY' }, 'twin is +7 JPY'],
    [{ of: 'number', delta: '1', unit: '1' }, 'twin is +1'],
    [{ of: 'number', delta: '0.5', unit: 'USD 1e-2' }, 'twin is +0.5 USD 1e-2'],
    [{ of: 'number', delta: '1e400', unit: '1' }, 'twin is +1e400'],
    [{ of: 'text', how: 'other', lengths: [9, 6] }, 'another text, 9 and 6 characters'],
    [{ of: 'text', how: 'case', lengths: [14, 14] }, 'upper and lower case, 14 and 14 characters'],
    [{ of: 'instant', shiftMs: 3_600_000 }, 'twin is +1 h'],
    [{ of: 'instant', shiftMs: -5_400_000 }, 'twin is -90 min'],
    [{ of: 'instant', shiftMs: 86_400_000 }, 'twin is +24 h'],
    [{ of: 'instant', shiftMs: -1_826 * 86_400_000 }, 'twin is -1826 d'],
    [{ of: 'instant', shiftMs: 61_000 }, 'twin is +61 s'],
    [{ of: 'instant', shiftMs: -1 }, 'twin is -1 ms'],
  ] as const satisfies readonly (readonly [Measure, string])[]) {
    it(words, () => expect(measureWords(measure)).to.equal(words));
  }
});
