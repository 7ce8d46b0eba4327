import { expect } from 'chai';
import type { Sql } from 'postgres';
import { openMigrationDatabase } from '../../src/migration/db.ts';
import { prepareMigration } from '../../src/migration/schema/migrate.ts';
import { freshDatabase } from '../support/stores.ts';

describe("the migration's own tables", () => {
  let sql: Sql;

  before(async () => {
    sql = openMigrationDatabase(await freshDatabase(), 4);
  });
  after(() => sql.end({ timeout: 1 }));

  it('keep the rows of a database whose API made them, whoever prepares them at once', async () => {
    await sql`create table id_map (collection text collate "C" not null, mongo_id char(24) collate "C" not null,
      uuid uuid not null unique, primary key (collection, mongo_id))`;
    await sql`insert into id_map values ('users', ${'a'.repeat(24)}, ${'0197aaaa-0000-7000-8000-000000000000'})`;
    await Promise.all([prepareMigration(sql), prepareMigration(sql), prepareMigration(sql)]);
    expect(await sql`select collection from id_map`).to.have.length(1);
    expect(await sql`select * from pg_dualwrite_gaps`).to.have.length(0);
    expect(await sql`select * from shadowread_migration_version`).to.have.length(1);
  });

  it('of a later version are refused', async () => {
    await sql`insert into shadowread_migration_version (version) values (99)`;
    const refused = await prepareMigration(sql).then(
      () => null,
      (error: Error) => error.message,
    );
    expect(refused).to.contain('later version').and.to.contain('99');
  });
});
