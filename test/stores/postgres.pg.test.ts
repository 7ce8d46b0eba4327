import { expect } from 'chai';
import postgres from 'postgres';
import { freshDatabase } from '../support/stores.ts';

describe('stores/postgres', () => {
  it('gives a UTF-8 database that orders text by its bytes and knows the case of every letter', async () => {
    const sql = postgres(await freshDatabase());
    const rows =
      await sql`select lower('ÄЖ') as lower, array(select x from unnest(array['b','B','a','é']) x order by x) as sorted`;
    await sql.end();
    expect(rows[0]).to.deep.equal({ lower: 'äж', sorted: ['B', 'a', 'b', 'é'] });
  });
});
