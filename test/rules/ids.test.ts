import { expect } from 'chai';
import * as kit from '../../src/rules/kit.ts';
import type { CompareResult, IdPairs } from '../../src/rules/rule.ts';
import type { JsonValue, Measure } from '../../src/types.ts';
import { ALL_KNOWN, compared, differencesOf, NONE_KNOWN, oid, said, uuid } from '../support/comparing.ts';

const measures = (result: CompareResult): Measure[] => differencesOf(result).map((found) => found.measure);
const cursor = (k: JsonValue, id: string): string => Buffer.from(JSON.stringify({ k, id })).toString('base64url');
const asked = (result: CompareResult): string[] =>
  result.outcome === 'needs_ids' ? result.wanted.map((want) => `${want.collection}:${want.id}`) : [result.outcome];

describe('references', () => {
  const user = kit.ref('users');

  it('are paired by id_map, and by nothing else', () => {
    expect(measures(compared(user, oid(1), uuid(1)))).to.deep.equal([]);
    expect(measures(compared(user, oid(1), uuid(2)))).to.deep.equal([{ of: 'entity', how: 'wrong_known' }]);
    expect(measures(compared(user, oid(1), uuid(5_000)))).to.deep.equal([{ of: 'entity', how: 'unknown' }]);
    expect(measures(compared(user, oid(5_000), uuid(5_000)))).to.deep.equal([{ of: 'entity', how: 'unknown' }]);
    expect(said(compared(user, oid(10), uuid(10).toUpperCase()))).to.deep.equal([' value']);
  });

  it('are the same text in the primary representation', () => {
    expect(said(compared(user, oid(1), oid(1), { representation: 'primary' }))).to.deep.equal([]);
    expect(said(compared(user, oid(1), oid(2), { representation: 'primary' }))).to.deep.equal([' value']);
    expect(said(compared(user, oid(1), uuid(1), { representation: 'primary' }))).to.deep.equal([' value']);
  });

  it('that are no ids must be equal', () => {
    expect(said(compared(user, null, null))).to.deep.equal([]);
    expect(said(compared(user, 'system', 'system'))).to.deep.equal([]);
    expect(said(compared(user, 'system', 'nobody'))).to.deep.equal([' value']);
    expect(said(compared(user, oid(1), null))).to.deep.equal([' type']);
    expect(said(compared(user, null, uuid(1)))).to.deep.equal([' type']);
    expect(said(compared(user, undefined, uuid(1)))).to.deep.equal([' extra']);
  });

  it('that are populated are compared as objects, and one that is gone is a reference gone', () => {
    const populated = kit.object({ _id: kit.ref('users'), name: kit.text() });
    expect(said(compared(populated, { _id: oid(1), name: 'a' }, { _id: uuid(1), name: 'a' }))).to.deep.equal([]);
    expect(said(compared(populated, null, null))).to.deep.equal([]);
    const [found] = differencesOf(compared(populated, { _id: oid(1), name: 'a' }, null));
    expect(found).to.include({ kind: 'type', rule: 'ref' });
  });
});

describe('ids that are not looked up yet', () => {
  const rule = kit.object({
    a: kit.ref('users'),
    b: kit.ref('users'),
    c: kit.ref('payments'),
    next: kit.cursor('payments'),
    n: kit.number(),
  });
  const primary = { a: oid(1), b: oid(1), c: oid(1), next: cursor('2026-01-01T00:00:00.000Z', oid(3)), n: 1 };
  const twin = { a: uuid(1), b: uuid(1), c: uuid(1), next: cursor('2026-01-01T00:00:00.000Z', uuid(3)), n: 1 };

  it('are all asked for at once, each once, by collection', () => {
    const all = [`users:${uuid(1)}`, `payments:${uuid(1)}`, `payments:${uuid(3)}`];
    expect(asked(compared(rule, primary, twin, { ids: NONE_KNOWN }))).to.deep.equal(all);
    expect(asked(compared(rule, primary, { ...twin, n: 2 }, { ids: NONE_KNOWN }))).to.have.members(all);
    expect(asked(compared(rule, { ...primary, n: 2 }, twin, { ids: NONE_KNOWN }))).to.have.members(all);
  });

  it('decide once they are known', () => {
    expect(said(compared(rule, primary, twin))).to.deep.equal([]);
    expect(said(compared(rule, primary, { ...twin, b: uuid(2) }))).to.deep.equal(['/b value']);
  });

  it('are not asked for where the texts are no ids', () => {
    expect(said(compared(kit.ref('users'), 'x', uuid(1), { ids: NONE_KNOWN }))).to.deep.equal([' value']);
    expect(said(compared(kit.ref('users'), oid(1), `${uuid(1)}'; drop table`, { ids: NONE_KNOWN }))).to.deep.equal([
      ' value',
    ]);
  });

  it('are looked up as keys of records and as members of sets', () => {
    const counts = kit.object({ counts: kit.record(kit.ref('payments'), 'users'), set: kit.set(kit.ref('chats')) });
    const result = compared(
      counts,
      { counts: { [oid(1)]: oid(2) }, set: [oid(3), oid(4)] },
      { counts: { [uuid(1)]: uuid(2) }, set: [uuid(4), uuid(3)] },
      { ids: NONE_KNOWN },
    );
    expect(asked(result)).to.have.members([
      `users:${uuid(1)}`,
      `payments:${uuid(2)}`,
      `chats:${uuid(3)}`,
      `chats:${uuid(4)}`,
    ]);
  });

  it('are known where the cache has them from the other side only', () => {
    const ids: IdPairs = { uuidOf: ALL_KNOWN.uuidOf, objectIdOf: () => undefined };
    expect(said(compared(kit.ref('users'), oid(1), uuid(1), { ids }))).to.deep.equal([]);
    expect(asked(compared(kit.ref('users'), oid(1), uuid(2), { ids }))).to.deep.equal([`users:${uuid(2)}`]);
  });
});

describe('collisions: each pair looks fine, and together they cannot be', () => {
  const rule = kit.list(kit.object({ user: kit.ref('users'), n: kit.number() }));
  const twoUuids: IdPairs = {
    uuidOf: () => undefined,
    objectIdOf: (_collection, id) => (id === uuid(1) || id === uuid(2) ? oid(1) : null),
  };
  const twoObjectIds: IdPairs = { uuidOf: () => uuid(1), objectIdOf: () => oid(1) };

  it('one ObjectId with two uuids', () => {
    const result = compared(
      rule,
      [
        { user: oid(1), n: 1 },
        { user: oid(1), n: 2 },
      ],
      [
        { user: uuid(1), n: 1 },
        { user: uuid(2), n: 2 },
      ],
      { ids: twoUuids },
    );
    expect(measures(result)).to.deep.equal([{ of: 'entity', how: 'collision' }]);
  });

  it('one uuid with two ObjectIds', () => {
    const result = compared(
      rule,
      [
        { user: oid(1), n: 1 },
        { user: oid(2), n: 2 },
      ],
      [
        { user: uuid(1), n: 1 },
        { user: uuid(1), n: 2 },
      ],
      { ids: twoObjectIds },
    );
    expect(measures(result)).to.deep.equal([{ of: 'entity', how: 'collision' }]);
  });

  it('one uuid with two ObjectIds, known from the ObjectIds alone', () => {
    const ids: IdPairs = { uuidOf: () => uuid(1), objectIdOf: () => undefined };
    const two = kit.object({ a: kit.ref('users'), b: kit.ref('users') });
    const result = compared(two, { a: oid(1), b: oid(2) }, { a: uuid(1), b: uuid(1) }, { ids });
    expect(measures(result)).to.deep.equal([{ of: 'entity', how: 'collision' }]);
  });

  it('an id_map whose two directions contradict each other', () => {
    const ids: IdPairs = { uuidOf: () => uuid(1), objectIdOf: () => oid(1) };
    expect(measures(compared(kit.ref('users'), oid(2), uuid(1), { ids }))).to.deep.equal([
      { of: 'entity', how: 'collision' },
    ]);
  });

  it('among many rows', () => {
    const rows = Array.from({ length: 900 }, (_, i) => i + 1);
    const primary = rows.map((n) => ({ user: oid(n), n }));
    const twin = rows.map((n) => ({ user: uuid(n), n }));
    const ids: IdPairs = {
      uuidOf: ALL_KNOWN.uuidOf,
      objectIdOf: (collection, id) => (id === uuid(950) ? oid(3) : ALL_KNOWN.objectIdOf(collection, id)),
    };
    expect(said(compared(rule, primary, twin, { ids }))).to.deep.equal([]);
    const last = { user: oid(3), n: 901 };
    const result = compared(rule, [...primary, last], [...twin, { user: uuid(950), n: 901 }], { ids });
    expect(differencesOf(result).map(({ path }) => path)).to.deep.equal(['/900/user']);
  });

  it('in a set', () => {
    const result = compared(kit.set(kit.ref('users')), [oid(1), oid(1)], [uuid(2), uuid(1)], { ids: twoUuids });
    expect(result.outcome).to.equal('differs');
  });

  it('not across collections, nor where the same pair comes again', () => {
    const both = kit.list(kit.object({ a: kit.ref('users'), b: kit.ref('payments') }));
    const ids: IdPairs = {
      uuidOf: () => undefined,
      objectIdOf: (collection, id) => (collection === 'users' ? (id === uuid(1) ? oid(1) : null) : oid(1)),
    };
    const rows = (a: string, b: string) => [
      { a, b },
      { a, b },
    ];
    expect(said(compared(both, rows(oid(1), oid(1)), rows(uuid(1), uuid(2)), { ids }))).to.deep.equal([]);
  });
});

describe('cursors', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const next = kit.nullable(kit.cursor('payments'));

  it('are equal when they denote the same position', () => {
    expect(said(compared(next, cursor(at, oid(1)), cursor(at, uuid(1))))).to.deep.equal([]);
    expect(said(compared(next, cursor(at, oid(1)), cursor('2026-01-01T00:00:00.000999+00:00', uuid(1))))).to.deep.equal(
      [],
    );
    expect(said(compared(next, null, null))).to.deep.equal([]);
    expect(said(compared(next, cursor(at, oid(1)), cursor(at, oid(1)), { representation: 'primary' }))).to.deep.equal(
      [],
    );
    expect(said(compared(kit.cursor('x', 'number'), cursor(10.5, oid(1)), cursor('10.50', uuid(1))))).to.deep.equal([]);
    expect(said(compared(kit.cursor('x', 'text'), cursor('a', oid(1)), cursor('a', uuid(1))))).to.deep.equal([]);
    expect(said(compared(kit.cursor('x'), cursor(null, oid(1)), cursor(null, uuid(1))))).to.deep.equal([]);
  });

  it('differ in key, in entity, or by being there', () => {
    expect(measures(compared(next, cursor(at, oid(1)), cursor('2026-01-01T00:00:00.001Z', uuid(1))))).to.deep.equal([
      { of: 'instant', shiftMs: 1 },
    ]);
    expect(measures(compared(next, cursor(at, oid(1)), cursor(at, uuid(2))))).to.deep.equal([
      { of: 'entity', how: 'wrong_known' },
    ]);
    expect(said(compared(next, cursor(at, oid(1)), null))).to.deep.equal([' type']);
    expect(said(compared(next, null, cursor(at, uuid(1))))).to.deep.equal([' type']);
    expect(said(compared(kit.cursor('x', 'text'), cursor('a', oid(1)), cursor('A', uuid(1))))).to.deep.equal([
      ' value',
    ]);
    expect(said(compared(kit.cursor('x', 'number'), cursor(1, oid(1)), cursor(2, uuid(1))))).to.deep.equal([' value']);
  });

  it('that are broken are differences', () => {
    const fine = cursor(at, oid(1));
    const broken = [
      '',
      'x',
      '!!!',
      `${cursor(at, uuid(1))}=`,
      Buffer.from('[]').toString('base64url'),
      Buffer.from('{"k":1}').toString('base64url'),
      cursor('yesterday', uuid(1)),
      cursor(7, uuid(1)),
    ];
    for (const each of broken) expect(said(compared(next, fine, each)), each).to.deep.equal([' value']);
  });
});
