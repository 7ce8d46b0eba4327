import { expect } from 'chai';
import fc from 'fast-check';
import { alignByChange } from '../../src/rules/engine/align-arrays.ts';
import { canonicalJson } from '../../src/rules/exact-number.ts';
import * as kit from '../../src/rules/kit.ts';
import type { JsonValue } from '../../src/types.ts';
import { compared, said } from '../support/comparing.ts';

const RUNS = { seed: 20261126, numRuns: 300 };
const message = (n: number, id = true): JsonValue => ({
  ...(id ? { _id: { $oid: n.toString(16).padStart(24, '0') } } : {}),
  text: `message ${n}`,
  at: { $date: { $numberLong: String(1_767_225_600_000 + n) } },
  readBy: ['a', 'b'],
});
const chat = (...numbers: readonly number[]): JsonValue => ({ messages: numbers.map((n) => message(n)) });
const bare = (...numbers: readonly number[]): JsonValue => ({ messages: numbers.map((n) => message(n, false)) });
const forty = Array.from({ length: 40 }, (_, i) => i);

describe('arrays that no list rule describes', () => {
  for (const [name, rule] of [
    ['jsonb', kit.jsonb()],
    ['strict', kit.strict()],
    ['unnamed', kit.object({})],
  ] as const) {
    const found = (mine: JsonValue, its: JsonValue): string[] => said(compared(rule, mine, its));

    it(`${name}: a chat that lost one message is one missing at that message`, () => {
      for (const lost of [0, 1, 20, 39]) {
        const left = forty.filter((n) => n !== lost);
        expect(found(chat(...forty), chat(...left))).to.deep.equal([`/messages/${lost} missing`]);
        expect(found(bare(...forty), bare(...left))).to.deep.equal([`/messages/${lost} missing`]);
        expect(found(chat(...left), chat(...forty))).to.deep.equal([`/messages/${lost} extra`]);
      }
    });

    it(`${name}: several lost, one changed, one moved, one in place of another`, () => {
      expect(found(bare(1, 2, 3, 4, 5, 6), bare(2, 3, 5, 6))).to.deep.equal([
        '/messages/0 missing',
        '/messages/3 missing',
      ]);
      expect(found(chat(1, 2, 3), chat(2, 1, 3))).to.have.lengthOf(1);
      expect(found(chat(1, 2, 3), chat(2, 1, 3))[0]).to.match(/^\/messages\/[01] order$/);
      const changed = { messages: [message(1), { ...Object(message(2)), text: 'other' }, message(3)] };
      expect(found(chat(1, 2, 3), changed)).to.deep.equal(['/messages/1/text value']);
      expect(found(chat(1, 2, 3), { messages: changed.messages.slice(1) })).to.deep.equal([
        '/messages/0 missing',
        '/messages/1/text value',
      ]);
    });

    it(`${name}: plain values by least change`, () => {
      const list = (text: string): JsonValue => ({ l: text.split('') });
      const rows: readonly (readonly [string, string, ...string[]])[] = [
        ['abcd', 'bcd', '/l/0 missing'],
        ['abcd', 'abXd', '/l/2 value'],
        ['abcd', 'abcde', '/l/4 extra'],
        ['abcdef', 'bcdefg', '/l/0 missing', '/l/5 extra'],
        ['ab', 'ba', '/l/0 value', '/l/1 value'],
        ['aaab', 'aab', '/l/2 missing'],
      ];
      for (const [mine, its, ...expected] of rows)
        expect(found(list(mine), list(its)), `${mine} ${its}`).to.deep.equal(expected);
    });
  }

  it('say nothing of equal ones, and something of all others, whatever is lost', () => {
    const elements = fc.array(
      fc.oneof(
        fc.integer({ min: 0, max: 3 }),
        fc.constantFrom('a', null),
        fc.record({ _id: fc.integer({ min: 0, max: 4 }), a: fc.boolean() }),
      ),
      { maxLength: 7 },
    );
    fc.assert(
      fc.property(elements, elements, (mine, its) => {
        const found = said(compared(kit.jsonb(), mine, its));
        expect(found.length === 0).to.equal(canonicalJson(mine) === canonicalJson(its));
        expect(new Set(found).size, 'no place twice').to.equal(found.length);
      }),
      RUNS,
    );
  });

  it('one lost element is one difference, wherever it was', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 30 }), fc.nat(), (list, n) => {
        const at = n % list.length;
        expect(said(compared(kit.jsonb(), list, list.toSpliced(at, 1)))).to.have.lengthOf(1);
        expect(said(compared(kit.jsonb(), list.toSpliced(at, 1), list))).to.have.lengthOf(1);
      }),
      RUNS,
    );
  });

  it('things that are no JSON are lined up by how much of them differs', () => {
    const [mine, its] = ['abcdef', 'bcXef'];
    const pairs = alignByChange(mine.length, its.length, (i, j) => (mine[i] === its[j] ? 0 : 1));
    expect(pairs.map(([i, j]) => `${mine[i]}${its[j]}`).join(' ')).to.equal('bb cc dX ee ff');
  });
});
