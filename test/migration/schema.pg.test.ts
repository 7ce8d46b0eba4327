import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { MongoNetworkError } from 'mongodb';
import type { Sql } from 'postgres';
import { storeError } from '../../src/base/store-errors.ts';
import { openMigrationDatabase } from '../../src/migration/db.ts';
import { readCheckpoints, saveCheckpoint } from '../../src/migration/progress.ts';
import { prepareMigration } from '../../src/migration/schema/migrate.ts';
import { runCommand } from '../support/run-command.ts';
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

  it('count more than an int holds: a long backfill goes on, and is told', async () => {
    const many = { lastId: 'z', done: false, documents: 3_000_000_000 };
    await saveCheckpoint(sql, 'events', 'rows', many);
    expect((await readCheckpoints(sql)).get('events/rows')).to.deep.equal(many);
  });

  it('of a later version are refused', async () => {
    await sql`insert into shadowread_migration_version (version) values (99)`;
    const refused = await prepareMigration(sql).then(
      () => null,
      (error: Error) => error.message,
    );
    expect(refused).to.contain('later version').and.to.contain('99');
  });

  it('that a role does not find or may not write end a command with 2 and one sentence', async () => {
    const url = await freshDatabase();
    const own = openMigrationDatabase(url, 1);
    const database = own(decodeURIComponent(new URL(url).pathname.slice(1)));
    const folder = await mkdtemp(join(tmpdir(), 'shadowread-schema-'));
    const config = join(folder, 'shadowread.yaml');
    await writeFile(
      config,
      'routes: { table: none }\nmappings: [{ collection: books, table: app.books, key: old_id, fields: { name: text? } }]\n',
    );
    const environment = { MIGRATION_PG_URL: url, MONGODB_URI: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200' };
    try {
      await own`create schema app`;
      await own`create table app.books (id bigserial primary key, old_id text unique, mongo_rev bigint not null default 0, name text)`;
      await own`alter database ${database} set search_path to app`;
      const lost = await runCommand(['gaps', '--config', config], environment);
      expect(lost.err).to.match(
        /^SHADOW_POSTGRES: the migration's tables are not in the search path .* found search_path app/m,
      );
      expect(lost.status).to.equal(2);
      await own`alter database ${database} reset search_path`;
      // No server of MongoDB either: its error is one sentence, too.
      const without = await runCommand(['gaps', '--config', config], environment);
      expect(without.err)
        .to.match(/^SHADOW_MONGO: /m)
        .and.not.contain('    at ');
      expect(without.status).to.equal(2);
    } finally {
      await own.end({ timeout: 1 });
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('and whatever else a store throws is one error with a code, which says that nothing was decided', async () => {
    const refused = await sql`select from nowhere`.catch((error: unknown) => error);
    const gone = openMigrationDatabase('postgres://u:p@127.0.0.1:1/d', 1);
    const lost = await gone`select 1`.catch((error: unknown) => error);
    await gone.end({ timeout: 1 });
    expect(storeError(refused)).to.include({ code: 'SHADOW_POSTGRES', exit: 2 });
    expect(storeError(refused)?.message).to.contain('relation "nowhere" does not exist (42P01)');
    expect(storeError(lost)).to.include({ code: 'SHADOW_POSTGRES', exit: 2 });
    expect(storeError(new MongoNetworkError('gone'))).to.include({ code: 'SHADOW_MONGO', exit: 2 });
    expect(storeError(new TypeError('a mistake of ours'))).to.equal(null);
  });
});
