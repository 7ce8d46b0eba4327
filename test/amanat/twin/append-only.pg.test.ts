import { expect } from 'chai';
import postgres from 'postgres';
import { migrate } from '../../../src/amanat/twin/migrate.ts';
import { freshDatabase } from '../../support/stores.ts';
import { freshTwinTables } from '../../support/twin-database.ts';

const ID = '01906fad-1af0-723d-a10a-9042ab4de4f6';

describe('the ledger in Postgres', () => {
  it('takes entries and refuses to change, remove or empty them', async () => {
    const url = await freshTwinTables();
    const sql = postgres(url, { max: 1, onnotice: () => undefined });
    try {
      await sql`
        insert into users (id, mongo_id, email, email_verified, name, role, status, locale, password_hash, created_at, updated_at)
        values (${ID}, '0123456789abcdef01234567', 'a@example.net', true, 'A', 'buyer', 'active', 'en', 'x', now(), now())`;
      await sql`
        insert into funds_ledger_entries (id, mongo_id, account_id, type, bucket, amount, currency, created_at)
        values (${ID}, '0123456789abcdef01234567', ${ID}, 'deposit', 'available', 1.000000000000000001, 'ETH', now())`;
      for (const statement of [
        'update funds_ledger_entries set amount = 2',
        'update funds_ledger_entries set amount = amount',
        'delete from funds_ledger_entries',
        'truncate funds_ledger_entries',
        'truncate users cascade',
        `update funds_ledger_entries set mongo_rev = 1 where id = '${ID}'`,
      ]) {
        const refusal = await sql.unsafe(statement).then(
          () => 'done',
          (error: Error) => error.message,
        );
        expect(refusal, statement).to.match(
          /^funds_ledger_entries is append-only: (UPDATE|DELETE|TRUNCATE) is refused$/,
        );
      }
      const [entry] = await sql`select amount::text as amount from funds_ledger_entries`;
      expect(entry?.amount).to.equal('1.000000000000000001');
    } finally {
      await sql.end({ timeout: 1 });
    }
  });

  it('migrating twice, and twice at once, changes nothing', async () => {
    const url = await freshDatabase();
    await Promise.all([migrate(url), migrate(url)]);
    await migrate(url);
  });
});
