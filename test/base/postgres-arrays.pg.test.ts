import { expect } from 'chai';
import postgres from 'postgres';
import { openPostgresPool } from '../../src/base/postgres.ts';
import { sharedPostgres } from '../support/stores.ts';

/** Expressions whose arrays are read, and written again as they were read. */
const ARRAYS = [
  `array['a', 'b "c" \\d', '', 'null', null, 'x,y', '{}', E'two\\nlines', 'ü€']::text[]`,
  `array[['a', 'b'], ['c', null]]::text[]`,
  `'{}'::text[]`,
  `array[true, false]`,
  `array[1, -2]::smallint[]`,
  `array[9007199254740993, 1]::bigint[]`,
  `array[1.5, 'infinity', 'NaN']::float8[]`,
  `array[1.50, 'NaN']::numeric[]`,
  `array['\\x00ff', '\\x']::bytea[]`,
  `array['{"a": ["b\\"c", 1, null]}', '"x"', '3']::jsonb[]`,
  `array['2026-05-01T10:00:00.123Z']::timestamptz[]`,
  `array['64b00000-0000-0000-0000-000000000001']::uuid[]`,
];

/** The driver reads a null in an array as the word (3.4.9). */
const withNulls = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(withNulls) : value === 'NULL' ? null : value;

describe('arrays of Postgres', () => {
  it('are read as the driver reads them once it has asked for their types, and written so that they are the same', async () => {
    const { url } = await sharedPostgres();
    const theirs = postgres(url, { max: 1, fetch_types: true });
    const ours = openPostgresPool(url, { name: 'shadowread-tests', max: 1 });
    try {
      for (const text of ARRAYS) {
        const [expected] = await theirs.unsafe(`select ${text} as a`);
        const [read] = await ours.unsafe(
          `select ${text} as a, pg_typeof(${text})::text as type, pg_typeof(${text})::oid as oid`,
        );
        expect(read?.a, text).to.deep.equal(withNulls(expected?.a));
        // Else the driver takes an array for what its first element is, where that is no text and no number.
        const [same] = await ours.unsafe(`select $1::${read?.type} is not distinct from ${text} as same`, [
          ours.array(read?.a, Number(read?.oid)),
        ]);
        expect(same?.same, text).to.equal(true);
      }
    } finally {
      await Promise.all([theirs.end(), ours.end()]);
    }
  });

  it('with nulls are read with nulls, of any type', async () => {
    const { url } = await sharedPostgres();
    const sql = openPostgresPool(url, { name: 'shadowread-tests', max: 1 });
    const [read] = await sql`select array[true, null] as a, array[1, null] as b, array[null, now()] as c`;
    expect([read?.a, read?.b, read?.c[0]]).to.deep.equal([[true, null], [1, null], null]);
    await sql.end();
  });

  it('with other bounds are the same elements', async () => {
    const { url } = await sharedPostgres();
    const sql = openPostgresPool(url, { name: 'shadowread-tests', max: 1 });
    expect(await sql`select '[2:3]={7,8}'::int[] as a`).to.deep.equal([{ a: [7, 8] }]);
    await sql.end();
  });

  it('of int8 are numbers where int8 is', async () => {
    const { url } = await sharedPostgres();
    const sql = openPostgresPool(url, { name: 'shadowread-tests', max: 1, int8AsNumber: true });
    expect(await sql`select array[1, 2]::bigint[] as a`).to.deep.equal([{ a: [1, 2] }]);
    await sql.end();
  });
});
