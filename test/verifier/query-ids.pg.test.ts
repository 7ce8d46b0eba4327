import { expect } from 'chai';
import postgres, { type Sql } from 'postgres';
import { compare, compileRule } from '../../src/rules/compile.ts';
import { object, ref, set, text } from '../../src/rules/kit.ts';
import type { Rule } from '../../src/rules/rule.ts';
import type { JsonValue } from '../../src/types.ts';
import { ReadIds } from '../../src/verifier/ids/known-ids.ts';
import { RelatedIds } from '../../src/verifier/ids/related-ids.ts';
import { freshDatabase } from '../support/stores.ts';

const USER = object({ _id: ref('users'), name: text() });

describe('ids that a query pairs', () => {
  let url: string;
  let sql: Sql;
  let related: RelatedIds;

  before(async () => {
    url = await freshDatabase();
    sql = postgres(url, { max: 1, onnotice: () => undefined });
    await sql.unsafe(
      `create table people (id bigint, legacy text); insert into people values (1, 'aa'), (2, 'bb'), (9007199254740993, 'cc')`,
    );
    related = new RelatedIds(
      { users: { by: 'query', type: null, query: 'select legacy, id from people;', url: null } },
      url,
    );
  });
  after(async () => {
    await Promise.all([related.close(), sql.end({ timeout: 1 })]);
  });

  /** As the verifier does it: compare, look up what is wanted, compare again. */
  async function judge(rule: Rule, primary: JsonValue, twin: JsonValue): Promise<string> {
    const ids = new ReadIds(null, related);
    for (let round = 0; round < 3; round++) {
      const result = compare(compileRule(rule), primary, twin, {
        params: {},
        query: new Map(),
        representation: 'twin',
        ids,
      });
      if (result.outcome === 'equal') return 'equal';
      if (result.outcome === 'needs_ids') await ids.lookUp(result.wanted);
      else if (result.outcome === 'differs')
        return result.differences
          .map(({ path, measure }) => `${path} ${measure.of === 'entity' ? measure.how : measure.of}`)
          .join();
    }
    return 'never done';
  }

  it('pairs integers, also those that a double cannot hold, and texts', async () => {
    expect(await judge(USER, { _id: 'aa', name: 'x' }, { _id: 1, name: 'x' })).to.equal('equal');
    expect(await judge(USER, { _id: 'aa', name: 'x' }, { _id: '1', name: 'x' })).to.equal('equal');
    expect(await judge(USER, { _id: 'cc', name: 'x' }, { _id: '9007199254740993', name: 'x' })).to.equal('equal');
  });

  it('tells a wrong one, known or unknown', async () => {
    expect(await judge(USER, { _id: 'aa', name: 'x' }, { _id: 2, name: 'x' })).to.equal('/_id wrong_known');
    expect(await judge(USER, { _id: 'aa', name: 'x' }, { _id: 77, name: 'x' })).to.equal('/_id unknown');
  });

  it('lines lists up by them', async () => {
    const row = (_id: JsonValue) => ({ _id, name: 'same' });
    expect(await judge(set(USER), [row('aa'), row('bb')], [row(2), row(1)])).to.equal('equal');
    expect(await judge(set(USER), [row('aa'), row('bb')], [row(2), row(77)])).to.not.equal('equal');
  });

  it('a query that fails names its collection', async () => {
    const broken = new RelatedIds({ users: { by: 'query', type: null, query: 'select nothing', url: null } }, url);
    const failed = await broken.lookUp([{ collection: 'users', id: '1' }]).then(() => '', String);
    expect(failed).to.contain('the query of ids.users cannot be asked');
    await broken.close();
  });
});
