import { expect } from 'chai';
import { searchWords } from '../../../src/amanat/reference/search-words.ts';
import { words } from '../../../src/routes/marketplace/requests.ts';

describe('the words of a search', () => {
  const cases: readonly [text: string, words: readonly string[]][] = [
    ['Laptop, used', ['laptop', 'used']],
    ['  ', []],
    ['123 %_\\ 🙂', []],
    ['cafe\u0301 CAFÉ', ['café']],
    ['نیم\u200cفاصله', ['نیم', 'فاصله']],
    ['Ёлка ёлка', ['ёлка']],
    ['İstanbul', ['i', 'stanbul']],
    ['ΟΔΟΣ', ['οδος'.replace(/σ$/, 'ς')]],
    ['𝔉raktur A1B', ['𝔉raktur', 'a', 'b']],
    ['手机 カメラ', ['手机', 'カメラ']],
  ];
  for (const [text, expected] of cases) {
    it(`${JSON.stringify(text)} are ${JSON.stringify(expected)}, on both sides`, () => {
      expect(searchWords(text)).to.deep.equal(expected);
      expect(words(text)).to.deep.equal(expected);
    });
  }
});
