import { expect } from 'chai';
import { compare, compileRule } from '../../src/rules/compile.ts';
import { cursor, list, number, object, ordered, record, ref, set, text, url } from '../../src/rules/kit.ts';
import type { Rule } from '../../src/rules/rule.ts';
import type { JsonValue } from '../../src/types.ts';
import { ReadIds } from '../../src/verifier/ids/known-ids.ts';
import { type IdKind, RelatedIds } from '../../src/verifier/ids/related-ids.ts';

const CONSISTENT: IdKind = { by: 'consistent', type: null };

/** Compares one answer after the other against one memory of pairs. */
function comparing(kinds: Readonly<Record<string, IdKind>>) {
  const related = new RelatedIds(kinds);
  return (rule: Rule, primary: JsonValue, twin: JsonValue, host = ''): string => {
    const result = compare(compileRule(rule), primary, twin, {
      params: {},
      query: new Map(),
      representation: 'twin',
      ids: new ReadIds(null, related, host),
    });
    if (result.outcome !== 'differs') return result.outcome;
    return result.differences
      .map(({ path, measure }) => `${path} ${measure.of === 'entity' ? measure.how : measure.of}`)
      .join(', ');
  };
}

const USER = object({ _id: ref('users'), name: text() });

describe('ids within texts', () => {
  const A = '65f0a0b0c0d0e0f000000001';
  const B = '65f0a0b0c0d0e0f000000002';

  it('are paired with those elsewhere, whatever stands around them; all else counts', () => {
    const judge = comparing({ users: CONSISTENT });
    const rule = object({ _id: ref('users'), key: text('users') });
    expect(judge(rule, { _id: A, key: `tenant:${A}` }, { _id: 17, key: 'tenant:17' })).to.equal('equal');
    expect(judge(text('users'), `<a href='/u(${A})'>5 %</a>`, "<a href='/u(17)'>5 %</a>")).to.equal('equal');
    expect(judge(text('users'), `<a href='/u(${A})'>5 %</a>`, "<a href='/u(17)'>6 %</a>")).to.equal(' text');
    expect(judge(text('users'), `<a href='/u(${A})'>5 %</a>`, "<a href='/u(18)'>5 %</a>")).to.equal(' text');
    expect(judge(text('users'), `of ${A}`, 'of 17 ')).to.equal(' text');
    expect(judge(text('users'), `of ${B}`, 'of usr_1-b')).to.equal('equal');
    expect(judge(text('users'), `of ${B}`, 'of usr_1-c')).to.equal(' text');
    expect(judge(text('users'), 'of 4', 'of 5'), 'two numbers may be anything').to.equal(' text');
    expect(judge(text(), `of ${A}`, 'of 17')).to.equal(' text');
    expect(judge(text('users'), `of ${A}`, null)).to.equal(' type');
  });

  it('that nobody has seen do not keep rows from being lined up: one that is lost is one difference', () => {
    const rows = [16, 19, 22, 25, 28];
    const hex = (n: number) => n.toString(16).padStart(24, 'a');
    const of = object({ _id: ref('users'), name: text(), self: url('users'), key: text('users') });
    const mine = rows.map((n) => ({ _id: hex(n), name: `n${n}`, self: `/u/${hex(n)}?page=2`, key: `t1:${hex(n)}` }));
    const its = rows.map((n) => ({ _id: `u${n}`, name: `n${n}`, self: `/u/u${n}?page=2`, key: `t1:u${n}` }));
    const lost = its.filter((_, i) => i !== 2);
    expect(comparing({ users: CONSISTENT })(list(of, '_id'), mine, lost)).to.equal('/2 none');
    expect(comparing({ users: CONSISTENT })(set(of, '_id'), mine, its.toReversed())).to.equal('equal');
    const [first, ...others] = its;
    const wrong = [{ ...first, self: '/u/u16?page=3' }, ...others];
    expect(comparing({ users: CONSISTENT })(set(of, '_id'), mine, wrong)).to.equal('/0/self text');
  });

  it('are paired in the keys of OData, where nothing but the quotes around the id is different', () => {
    const judge = comparing({ users: CONSISTENT });
    const rule = object({ at: url('users') });
    expect(judge(rule, { at: `/Users('${A}')/Name` }, { at: '/Users(17)/Name' })).to.equal('equal');
    expect(judge(rule, { at: `/Users('${A}')/Name` }, { at: '/Users(18)/Name' })).to.equal('/at text');
    expect(judge(rule, { at: "/Users('3')" }, { at: '/Users(3)' }), 'the quotes alone').to.equal('/at text');
  });

  it('line up the items of a list, and are numbers on both sides where they are known', () => {
    const judge = comparing({ users: CONSISTENT });
    for (const n of [1, 2, 3]) judge(ref('users'), n, n + 1000);
    const keys = (...ns: readonly number[]) => ns.map((n) => `t1:${n}`);
    expect(judge(set(text('users')), keys(1, 2, 3), keys(1003, 1001, 1002))).to.equal('equal');
    expect(judge(set(text('users')), keys(1, 2, 3), keys(1003, 1001, 1009))).to.not.equal('equal');
  });
});

describe('ids whose pairs are not looked up', () => {
  it('by consistency at each host: the same id is another entity there', () => {
    const judge = comparing({ users: { ...CONSISTENT, perHost: true }, teams: CONSISTENT });
    const link = object({ self: url('users') });
    for (const [host, shift] of [
      ['a.example', 1_000],
      ['b.example', 5_000],
    ] as const) {
      for (const n of [7, 8]) {
        expect(judge(USER, { _id: n, name: 'x' }, { _id: n + shift, name: 'x' }, host)).to.equal('equal');
      }
      expect(judge(USER, { _id: 7, name: 'x' }, { _id: 7 + shift, name: 'x' }, host)).to.equal('equal');
      expect(judge(USER, { _id: 7, name: 'x' }, { _id: 8 + shift, name: 'x' }, host)).to.equal('/_id wrong_known');
      expect(judge(USER, { _id: 7, name: 'x' }, { _id: 9 + shift, name: 'x' }, host)).to.equal('/_id unknown');
      expect(judge(link, { self: '/users/7' }, { self: `/users/${7 + shift}` }, host)).to.equal('equal');
      expect(judge(link, { self: '/users/7' }, { self: `/users/${8 + shift}` }, host)).to.not.equal('equal');
    }
    expect(judge(USER, { _id: 7, name: 'x' }, { _id: 1_007, name: 'x' }, 'b.example')).to.equal('/_id unknown');
    // The other collection's ids are the same entities everywhere.
    const team = object({ _id: ref('teams') });
    expect(judge(team, { _id: 1 }, { _id: 2 }, 'a.example')).to.equal('equal');
    expect(judge(team, { _id: 1 }, { _id: 3 }, 'b.example')).to.equal('/_id unknown');
  });

  it('by consistency: the first partner is the only one, from either side, in every type', () => {
    for (const [a, b, other] of [
      [7, 8, 9],
      [
        '0196f0c2-0000-7000-8000-000000000001',
        '0196f0c2-0000-7000-8000-000000000002',
        '0196f0c2-0000-7000-8000-000000000003',
      ],
      ['usr_a', 'usr_b', 'usr_c'],
      [
        { tenant: 1, no: 7 },
        { tenant: 1, no: 8 },
        { tenant: 2, no: 7 },
      ],
    ] as const) {
      const judge = comparing({ users: CONSISTENT });
      expect(judge(USER, { _id: 'aa', name: 'x' }, { _id: a, name: 'x' })).to.equal('equal');
      expect(judge(USER, { _id: 'aa', name: 'x' }, { _id: a, name: 'x' })).to.equal('equal');
      expect(judge(USER, { _id: 'bb', name: 'y' }, { _id: b, name: 'y' })).to.equal('equal');
      expect(judge(USER, { _id: 'aa', name: 'x' }, { _id: b, name: 'x' })).to.equal('/_id wrong_known');
      expect(judge(USER, { _id: 'aa', name: 'x' }, { _id: other, name: 'x' })).to.equal('/_id unknown');
      expect(judge(USER, { _id: 'cc', name: 'z' }, { _id: a, name: 'z' })).to.equal('/_id wrong_known');
    }
  });

  it('an answer that differs in anything teaches nothing', () => {
    const judge = comparing({ users: CONSISTENT });
    expect(judge(USER, { _id: 'aa', name: 'x' }, { _id: 1, name: 'other' })).to.equal('/name text');
    expect(judge(USER, { _id: 'aa', name: 'x' }, { _id: 2, name: 'x' })).to.equal('equal');
  });

  it('one answer that pairs an id twice is a collision', () => {
    const judge = comparing({ users: CONSISTENT });
    const rule = object({ buyer: ref('users'), seller: ref('users') });
    expect(judge(rule, { buyer: 'aa', seller: 'aa' }, { buyer: 1, seller: 2 })).to.equal('/seller collision');
    expect(judge(rule, { buyer: 'aa', seller: 'bb' }, { buyer: 1, seller: 1 })).to.equal('/seller collision');
    expect(judge(rule, { buyer: 'aa', seller: 'aa' }, { buyer: 1, seller: 1 })).to.equal('equal');
  });

  it('numbers on both sides: the same number is another entity where another was its partner', () => {
    const judge = comparing({ users: CONSISTENT });
    expect(judge(USER, { _id: 5, name: 'x' }, { _id: 105, name: 'x' })).to.equal('equal');
    expect(judge(USER, { _id: 5, name: 'x' }, { _id: 5, name: 'x' })).to.equal('/_id unknown');
  });

  it('a number that became a string is reported where the config names the twin’s type', () => {
    const judge = comparing({ users: { by: 'consistent', type: 'number' } });
    expect(judge(USER, { _id: 'aa', name: 'x' }, { _id: 1, name: 'x' })).to.equal('equal');
    expect(judge(USER, { _id: 'aa', name: 'x' }, { _id: '1', name: 'x' })).to.contain('/_id');
  });

  it('lists in order teach; rows that only their ids tell apart teach nothing', () => {
    const judge = comparing({ users: CONSISTENT });
    const rows = (ids: readonly JsonValue[]) => ids.map((_id) => ({ _id, name: 'same' }));
    expect(judge(set(USER), rows(['aa', 'bb']), rows([2, 1]))).to.equal('equal');
    expect(judge(USER, { _id: 'aa', name: 'same' }, { _id: 1, name: 'same' })).to.equal('equal');
    // From now on one of the two is known, and the other follows.
    expect(judge(set(USER), rows(['aa', 'bb']), rows([2, 1]))).to.equal('equal');
    expect(judge(set(USER), rows(['aa', 'bb']), rows([2, 3]))).to.not.equal('equal');
    const named = (ids: readonly JsonValue[]) => ids.map((_id, i) => ({ _id, name: `n${i}` }));
    expect(judge(list(USER), named(['cc', 'dd']), named([3, 4]))).to.equal('equal');
    expect(judge(USER, { _id: 'cc', name: 'n0' }, { _id: 4, name: 'n0' })).to.equal('/_id wrong_known');
  });

  it('ties of a sorted list may come in another order, before and after the ids are known', () => {
    const judge = comparing({ users: CONSISTENT });
    const rule = ordered(object({ _id: ref('users'), name: text(), points: number() }), ['-points'], {
      identity: '_id',
    });
    const row = (_id: JsonValue, name: string, points: number) => ({ _id, name, points });
    const mine = [row('aa', 'a', 9), row('bb', 'b', 5), row('cc', 'c', 5)];
    expect(judge(rule, mine, [row(1, 'a', 9), row(3, 'c', 5), row(2, 'b', 5)])).to.equal('equal');
    expect(judge(USER, { _id: 'bb', name: 'b' }, { _id: 2, name: 'b' })).to.equal('equal');
    expect(judge(rule, mine, [row(1, 'a', 9), row(3, 'c', 5), row(2, 'b', 5)])).to.equal('equal');
    expect(judge(rule, mine, [row(3, 'c', 5), row(1, 'a', 9), row(2, 'b', 5)])).to.contain('moved');
    expect(judge(rule, mine, [row(2, 'a', 9), row(3, 'c', 5), row(1, 'b', 5)])).to.not.equal('equal');
  });

  it('ids as keys are paired by the values under them, then by consistency', () => {
    const judge = comparing({ users: CONSISTENT });
    const rule = record(number(), 'users');
    expect(judge(USER, { _id: 'aa', name: 'x' }, { _id: '1', name: 'x' })).to.equal('equal');
    expect(judge(rule, { aa: 3, bb: 4 }, { 2: 4, 1: 3 })).to.equal('equal');
    expect(judge(rule, { aa: 3, bb: 4 }, { 1: 4, 2: 3 })).to.not.equal('equal');
    expect(judge(rule, { aa: 3, bb: 4 }, { 1: 3 })).to.contain('/bb');
  });

  it('by rule and by the same text', () => {
    const rule = { strip: '', prefix: 'usr_', form: 36 } as const;
    const judge = comparing({ users: { by: 'rule', type: null, rule }, posts: { by: 'same', type: null } });
    const hex = '65f0c0ffee';
    expect(judge(ref('users'), hex, `usr_${BigInt(`0x${hex}`).toString(36)}`)).to.equal('equal');
    expect(judge(ref('users'), hex, hex)).to.not.equal('equal');
    const made = (text: string): string => `usr_${BigInt(`0x${text}`).toString(36)}`;
    expect(judge(set(ref('users')), ['a1', 'b2'], [made('b2'), made('a1')])).to.equal('equal');
    expect(judge(set(ref('users')), ['a1', 'b2'], [made('b2'), made('c3')])).to.not.equal('equal');
    expect(judge(record(number(), 'users'), { d4: 1, e5: 2 }, { [made('e5')]: 2, [made('d4')]: 1 })).to.equal('equal');
    expect(judge(ref('posts'), 'p1', 'p1')).to.equal('equal');
    expect(judge(ref('posts'), 'p1', 'p2')).to.not.equal('equal');
  });

  it('in a cursor and in a URL, as a segment or a value of its query, numbers as well', () => {
    const A = '65f000010000000000000001';
    const B = '65f000010000000000000002';
    const rule = object({ _id: ref('users'), at: url('users'), next: cursor('users', 'text') });
    const judge = comparing({ users: CONSISTENT });
    const at = (id: unknown) => `/users/${id}/photo.png?owner=${id}&page=2`;
    const next = (id: unknown) => Buffer.from(JSON.stringify({ k: 'x', id })).toString('base64url');
    const user = (id: string | number, of: string | number = id): JsonValue => ({
      _id: id,
      at: at(of),
      next: next(of),
    });
    expect(judge(rule, user(A), user(7))).to.equal('equal');
    expect(judge(rule, user(B), user(8))).to.equal('equal');
    expect(judge(rule, user(A), user(7, 8)))
      .to.contain('/at')
      .and.contain('/next');
    expect(judge(rule, user(A), { _id: 7, at: at(7).replace('page=2', 'page=3'), next: next(7) })).to.contain('/at');
    // Of two numbers nobody knows whether they are ids, until they were met as such.
    const numbers = comparing({ users: CONSISTENT });
    expect(numbers(object({ at: url('users') }), { at: '/users/17' }, { at: '/users/n5' })).to.contain('/at');
    expect(numbers(USER, { _id: 17, name: 'a' }, { _id: 'n5', name: 'a' })).to.equal('equal');
    expect(numbers(object({ at: url('users') }), { at: '/users/17' }, { at: '/users/n5' })).to.equal('equal');
    // Of which collection it is, of several, nobody knows: where one of them knows better, it is wrong.
    const several = comparing({ users: CONSISTENT, carts: CONSISTENT });
    const both = object({ at: url('users', 'carts') });
    expect(several(both, { at: at(A) }, { at: at(7) })).to.equal('equal');
    expect(several(USER, { _id: A, name: 'a' }, { _id: 9, name: 'a' })).to.equal('equal');
    expect(several(both, { at: at(A) }, { at: at(7) })).to.contain('/at');
    expect(several(both, { at: at(A) }, { at: at(9) })).to.equal('equal');
    // By a rule as well.
    const ruled = comparing({ users: { by: 'rule', type: null, rule: { strip: '', prefix: 'usr_', form: 36 } } });
    const made = `usr_${BigInt(`0x${A}`).toString(36)}`;
    expect(ruled(object({ at: url('users') }), { at: at(A) }, { at: at(made) })).to.equal('equal');
    expect(ruled(object({ at: url('users') }), { at: at(A) }, { at: at(`${made}0`) })).to.contain('/at');
  });

  it('tell in how many answers a pair was met, each answer once, and take over what others met first', () => {
    const related = new RelatedIds({ users: CONSISTENT });
    const read = (primary: string, twin: number): void => {
      const ids = new ReadIds(null, related);
      const context = { params: {}, query: new Map<string, string>(), representation: 'twin', ids } as const;
      const answer = (id: string | number) => ({
        items: [
          { _id: id, name: 'x' },
          { _id: id, name: 'x' },
        ],
      });
      const rule = compileRule(object({ items: list(USER) }));
      if (compare(rule, answer(primary), answer(twin), context).outcome === 'equal') ids.confirm();
    };
    read('aa', 1);
    expect(related.takeMet(10).map(({ primary, twin }) => [primary, twin])).to.deep.equal([['aa', '1']]);
    read('aa', 1);
    expect(related.takeMet(10)).to.deep.equal([{ collection: 'users', primary: 'aa', twin: '1', sightings: 1 }]);
    read('aa', 1);
    expect(related.takeMet(10), 'it is known well enough').to.deep.equal([]);
    related.adopt([{ collection: 'users', primary: 'aa', twin: '9', sightings: 4 }]);
    expect([related.twinOf('users', 'aa'), related.primaryOf('users', '1')]).to.deep.equal(['9', undefined]);
  });
});
