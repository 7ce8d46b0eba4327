import { expect } from 'chai';
import { Regex } from '../../../src/stores/embedded/bson/values.ts';
import { compileRegex } from '../../../src/stores/embedded/query/regex.ts';

/** Patterns as PCRE reads them (pcre2pattern(3)), with texts that match and texts that do not. */
const CASES: readonly [pattern: string, flags: string, matching: readonly string[], other: readonly string[]][] = [
  ['^ab', '', ['abc'], ['cab', 'Abc', 'x\nab']],
  ['^ab', 'm', ['x\nab'], ['xab']],
  ['ab$', '', ['cab', 'cab\n'], ['ab\n\n', 'abc']],
  ['ab$', 'm', ['ab\nx'], ['abx']],
  ['a.c', '', ['abc', 'a🙂c'], ['a\nc', 'ac']],
  ['a.c', 's', ['a\nc'], []],
  ['STRASSE', 'i', ['strasse'], ['straße']],
  ['ж', 'i', ['Ж'], ['з']],
  ['a\\.b\\-c\\/d', '', ['a.b-c/d'], ['axb-c/d']],
  ['[a\\-z]', '', ['-', 'a', 'z'], ['b']],
  ['[]a]', '', [']', 'a'], ['b']],
  ['[^]a]', '', ['b'], [']', 'a']],
  ['[[]', '', ['['], ['a']],
  ['\\s', '', [' ', '\t', '\n'], ['\u00a0', 'x']],
  ['^\\S+$', '', ['a\u00a0b'], ['a b']],
  ['\\bid\\b', '', ['an id.'], ['idea']],
  ['\\x41', '', ['A'], ['B']],
  ['^a{2,3}$', '', ['aa', 'aaa'], ['a', 'aaaa']],
  ['a{,2}', '', ['a{,2}'], ['aa']],
  ['(?:a|b)c(?=d)', '', ['acd', 'bcd'], ['ac']],
  ['(?<!x)a', '', ['ba'], ['xa']],
  ['\\p{L}+', '', ['é'], ['1']],
  ['}', '', ['}'], ['x']],
  ['a b', 'x', ['ab'], ['a b']],
  ['a\\ b [ ] # the end', 'x', ['a b '], ['ab', 'a b']],
  ['# first\na # second\n b', 'x', ['ab'], ['a']],
  ['[]#] [^] ]', 'x', ['#x', ']x'], ['#]', '# ']],
  ['a {2} \\# +', 'xi', ['AA#', 'aa##'], ['a#']],
];

const REFUSED: readonly string[] = [
  '(?>a)',
  '(?i)a',
  'a++',
  'a*+',
  '\\Aa',
  'a\\z',
  '\\h',
  '[[:alpha:]]',
  '(*UTF8)a',
  '(?P<n>a)',
  '\\1',
  '\\Q.\\E',
];

describe('stores/embedded regular expressions', () => {
  for (const [pattern, flags, matching, other] of CASES) {
    it(`/${pattern}/${flags}`, () => {
      const regex = compileRegex(new Regex(pattern, flags));
      for (const text of matching) expect(regex.test(text), JSON.stringify(text)).to.equal(true);
      for (const text of other) expect(regex.test(text), JSON.stringify(text)).to.equal(false);
    });
  }

  for (const pattern of REFUSED) {
    it(`refuses ${pattern}, which JavaScript reads otherwise or not at all`, () => {
      expect(() => compileRegex(new Regex(pattern, ''))).to.throw(/not supported by the embedded server|invalid/);
    });
  }

  it('refuses flags that it does not know', () => {
    expect(() => compileRegex(new Regex('a', 'g'))).to.throw('invalid flag in regex options: g');
  });
});
