/** What an answer says as one text: two answers of one side say the same where only what the rules let vary differs. */
import { expect } from 'chai';
import fc from 'fast-check';
import { withScales } from '../../src/rules/currencies.ts';
import { ALONE, meaningOf } from '../../src/rules/meaning.ts';
import { PARSE_LIMITS } from '../../src/rules/parse.ts';
import type { Rule } from '../../src/rules/rule.ts';
import { isEmptyAt, textMeaningOf } from '../../src/rules/text-meaning.ts';
import { unreadJson } from '../../src/rules/unread.ts';
import type { JsonValue } from '../../src/types.ts';
import { rules, values } from '../support/arbitrary-rules.ts';

const ignored: Rule = { rule: 'ignored', reason: 'made anew for each request' };
const text: Rule = { rule: 'text' };
const listOf = (of: Rule, order: Extract<Rule, { rule: 'list' }>['order']): Rule => ({
  rule: 'list',
  of,
  order,
  identity: null,
});
const byDate = { kind: 'keyed', by: ['-at'], sortParam: 'sort' } as const;
const row: Rule = { rule: 'object', fields: { at: { rule: 'instant' }, name: text, token: ignored } };
const plainRow: Rule = { rule: 'object', fields: { at: { rule: 'instant' }, name: text } };

describe('what an answer says', () => {
  const same = (what: string, rule: Rule, one: JsonValue, other: JsonValue, query = ''): Mocha.Test =>
    it(`is the same: ${what}`, () => expect(say(rule, one, query)).to.equal(say(rule, other, query)));
  const another = (what: string, rule: Rule, one: JsonValue, other: JsonValue, query = ''): Mocha.Test =>
    it(`is another: ${what}`, () => expect(say(rule, one, query)).not.to.equal(say(rule, other, query)));

  function say(rule: Rule, body: JsonValue, query: string): string {
    const said = meaningOf(rule, withScales({}))?.(body, { ...ALONE, query: new Map(new URLSearchParams(query)) });
    if (said == null) throw new Error('nothing is said');
    expect(sayText(rule, JSON.stringify(body), query), 'what the text says').to.equal(said);
    return said;
  }

  function sayText(rule: Rule, body: string, query: string): string | null {
    const text = unreadJson(Buffer.from(body), PARSE_LIMITS);
    return text === null ? null : (textMeaningOf(rule)?.(text, new Map(new URLSearchParams(query))) ?? null);
  }

  it('is said by the text as by the value, whatever the rule', () => {
    fc.assert(
      fc.property(rules, values, fc.constantFrom('', 'sort=b', 'sort=-a,c', 'sort=d.e'), (rule, value, query) => {
        const told = sayText(rule, JSON.stringify(value), query);
        const known = meaningOf(rule, withScales({}))?.(value, {
          ...ALONE,
          query: new Map(new URLSearchParams(query)),
        });
        if (told !== null) expect(told).to.equal(known);
      }),
      { seed: 20261127, numRuns: 2_000 },
    );
  });

  it('is said by the text in any script', () => {
    const rule: Rule = { rule: 'object', fields: { نام: ignored, list: listOf(text, { kind: 'free' }) } };
    expect(say(rule, { نام: 1, list: ['😀', '\uffff', 'é'], ключ: 'é' }, '')).to.include('ключ');
  });

  it('is told of an empty list by the text', () => {
    const told = (body: string, ...path: string[]): boolean | null => {
      const text = unreadJson(Buffer.from(body), PARSE_LIMITS);
      return text === null ? null : isEmptyAt(text, path);
    };
    expect(told('{"page":{"a":[1]},"data": [ ]}', 'data')).to.equal(true);
    expect(told('{"data":[0]}', 'data')).to.equal(false);
    expect(told('{"a":{"b":[]}}', 'a', 'b')).to.equal(true);
    expect(told('{"a":{"b":[]}}', 'b')).to.equal(false);
    expect(told('[]')).to.equal(true);
    expect(told('{"a":[]}', 'a', 'b')).to.equal(false);
  });

  it('is said by the bytes where the rules leave no leeway', () => {
    expect(meaningOf(listOf(plainRow, { kind: 'total' }), withScales({}))).to.equal(null);
  });

  same('an ignored field has another value', row, { name: 'a', token: 1 }, { name: 'a', token: { x: [2] } });
  same('an ignored field is not there', row, { name: 'a', token: 1 }, { name: 'a' });
  another('a named field differs', row, { name: 'a', token: 1 }, { name: 'b', token: 1 });
  another('a field that no rule names differs', row, { name: 'a', more: 1 }, { name: 'a', more: 2 });
  another('a field has the name of another', row, { name: 'a', x: 'y' }, { name: 'a', y: 'x' });
  another('it is no object', row, { name: 'a' }, ['name', 'a']);
  another('one is the text of the other', row, 'null', null);
  another('a number beyond the doubles', row, { at: '9007199254740993' }, { at: 9007199254740992 });
  const prototype: JsonValue = JSON.parse('{"name":"a","__proto__":{"x":1}}');
  another('a member by the name of the prototype', row, { name: 'a' }, prototype);

  const nullable: Rule = { rule: 'object', fields: { list: { rule: 'nullable', of: listOf(row, { kind: 'free' }) } } };
  same('null for what is not there', nullable, { list: null }, {});
  another('an empty list for what is not there', nullable, { list: [] }, {});

  const bag: Rule = { rule: 'record', of: row };
  same(
    'members of a record in another order',
    bag,
    { a: { name: 'x' }, b: { name: 'y' } },
    { b: { name: 'y' }, a: { name: 'x' } },
  );
  another(
    'members of a record under each other’s keys',
    bag,
    { a: { name: 'x' }, b: { name: 'y' } },
    { a: { name: 'y' }, b: { name: 'x' } },
  );

  const set = listOf(text, { kind: 'free' });
  same('a set in another order', set, ['b', 'a', 'a'], ['a', 'b', 'a']);
  another('a set with another item', set, ['a', 'b', 'b'], ['a', 'a', 'b']);
  another('two items that read like one', set, ['a', 'b'], ['a","b']);

  for (const [what, item] of [
    ['', plainRow],
    [' with an ignored field', row],
  ] as const) {
    const list = listOf(item, byDate);
    const [a, b, c] = [
      { at: '2026-01-02T00:00:00.000Z', name: 'a' },
      { at: '2026-01-01T00:00:00.000Z', name: 'b' },
      { at: '2026-01-01T00:00:00.000Z', name: 'c' },
    ];
    same(`rows${what} of one key change places`, list, [a, b, c], [a, c, b]);
    another(`rows${what} of two keys change places`, list, [a, b, c], [b, a, c]);
    another(`a row${what} twice`, list, [a, b, c], [a, b, b]);
    same(
      `rows${what} tie by the key that was asked for`,
      list,
      [
        { ...a, rank: 1 },
        { ...b, rank: 1 },
      ],
      [
        { ...b, rank: 1 },
        { ...a, rank: 1 },
      ],
      'sort=-rank',
    );
    another(`rows${what} do not tie by a key that was asked for`, list, [b, c], [c, b], 'sort=name');
    another(`a key${what} that nobody shows is none`, list, [a, b], [b, a], 'sort=secret');
    same(
      `rows${what} without the key`,
      list,
      [{ name: 'x' }, { name: 'y', at: null }],
      [{ name: 'y', at: null }, { name: 'x' }],
    );
  }
});
