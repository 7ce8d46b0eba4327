import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { agree, counted } from '../../src/base/figure-words.ts';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));
/** A figure, as a text, right before a noun in the plural: wrong for one. */
const PLURAL = /\$\{(?:count|thousands|whole)\([^{}]*\)\} (?:(?:more|open|different|other) )*([a-z]{3,}s)\b(?!\/)/;
const NO_NOUNS = ['was', 'has', 'this', 'bytes'];

describe('figures with their nouns', () => {
  it('agree for none, one and many', () => {
    expect([0, 1, 2, 1_204].map((n) => counted(n, 'read'))).to.deep.equal([
      '0 reads',
      '1 read',
      '2 reads',
      '1,204 reads',
    ]);
    expect([0, 1, 2].map((n) => counted(n, 'mismatch', 'mismatches'))).to.deep.equal([
      '0 mismatches',
      '1 mismatch',
      '2 mismatches',
    ]);
    expect([0, 1, 2].map((n) => agree(n, 'has', 'have'))).to.deep.equal(['have', 'has', 'have']);
  });

  it('are said by `counted` wherever they are said', () => {
    const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(ts|js)$/.test(name));
    const wrong = files.flatMap((name) =>
      readFileSync(`${SRC}${name}`, 'utf8')
        .split('\n')
        .flatMap((line, at) => {
          const noun = PLURAL.exec(line)?.[1];
          return noun === undefined || NO_NOUNS.includes(noun) ? [] : [`${name}:${at + 1}: ${line.trim()}`];
        }),
    );
    expect(wrong).to.deep.equal([]);
  });
});
