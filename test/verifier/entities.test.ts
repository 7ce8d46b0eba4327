import { expect } from 'chai';
import * as kit from '../../src/rules/kit.ts';
import { collectionsIn, innerRules } from '../../src/rules/walk.ts';
import { entitiesAt } from '../../src/verifier/cause/entities.ts';
import { oid, uuid } from '../support/comparing.ts';

describe('the entities that a difference names', () => {
  it('are those whose ids are the keys of a record, too', () => {
    const rule = kit.object({ unread: kit.record(kit.number(), 'users') });
    const primary = { unread: { [oid(1)]: 2, [oid(2)]: 3 } };
    const twin = { unread: { [uuid(1)]: 2 } };
    expect(entitiesAt(rule, primary, twin, `/unread/${oid(2)}`)).to.deep.equal([
      { collection: 'users', id: oid(2), side: 'primary', as: 'around', field: null },
    ]);
  });

  it('are of every collection that a rule pairs ids of, at any depth, by one walk', () => {
    const rule = kit.object({
      a: kit.nullable(kit.ref('one')),
      b: kit.list(kit.record(kit.set(kit.ref('two')), 'three')),
      c: kit.csv({ d: kit.ref('four') }),
      e: kit.cursorPage(kit.ref('five'), 'six'),
    });
    expect([...collectionsIn(rule)].sort()).to.deep.equal(['five', 'four', 'one', 'six', 'three', 'two']);
    expect(innerRules(kit.text())).to.deep.equal([]);
  });
});
