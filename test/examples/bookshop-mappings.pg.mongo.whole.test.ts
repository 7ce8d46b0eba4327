/** The migration's commands and the cause for an API that is not Amanat's: tables of somebody else's, mappings in YAML. */
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import postgres, { type Sql } from 'postgres';
import { authors, books, COUNTS, fillMongo, reviews } from '../../examples/bookshop/data.ts';
import { serveMongo } from '../../examples/bookshop/mongo-api.ts';
import { SCHEMA, servePostgres } from '../../examples/bookshop/postgres-api.ts';
import { loadApi, NO_API } from '../../src/api/load.ts';
import type { MismatchDetail } from '../../src/journal/read/mismatches.ts';
import { watchSync } from '../../src/service/sync-watch.ts';
import { freshJournal } from '../support/journal-database.ts';
import { type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';
import { runCommand } from '../support/run-command.ts';
import { freshDatabase, freshMongo } from '../support/stores.ts';

const ROUTES = `
settle: { delaysMs: [20, 60] }
journal: { flushMs: 50 }
twin: { representation: twin }
ids:
  books: { by: query, query: "select old_id, id from books", type: number }
  authors: { by: query, query: "select old_id, id from authors", type: number }
  readers: { by: query, query: "select old_id, id from readers", type: number }
  reviews: { by: query, query: "select old_id, id from reviews", type: number }
routes:
  table: none
  entries:
    - pattern: /v1/books/:id
      domain: books
      ids: { id: books }
      rules:
        object:
          _id: { ref: books }
          author: { object: { _id: { ref: authors }, name: text } }
          isbn: text
          title: text
          genre: text
          price: { money: { scale: 2 } }
          published: instant
          tags: { set: text }
          subtitle: text?
          words: { list: text }
          inStock: bool
          dimensions: jsonb
    - pattern: /v1/books/:id/reviews
      domain: books
      ids: { id: books }
      rules:
        list:
          object:
            _id: { ref: reviews }
            book: { ref: books }
            reader: { ref: readers }
            stars: number
            text: text
            at: instant
    - pattern: /v1/books/:id/rating
      domain: books
      ids: { id: books }
      rules: { object: { count: number, average: { nullable: { ratio: 1e-9 } } } }
`;

interface Listed {
  readonly mismatches: readonly { readonly id: string }[];
}

describe('another API with mappings', () => {
  let folder: string;
  let file: string;
  let mongo: MongoClient;
  let sql: Sql;
  let sides: { readonly url: string; close(): Promise<void> }[];
  let proxy: ProxyProcess;
  let env: Record<string, string>;

  before(async () => {
    const [mongoUri, twinUrl, journal] = await Promise.all([freshMongo(), freshDatabase(), freshJournal()]);
    folder = await mkdtemp(join(tmpdir(), 'shadowread-mapped-'));
    file = join(folder, 'shadowread.yaml');
    await writeFile(file, await readFile(new URL('../../examples/bookshop/mappings.yaml', import.meta.url), 'utf8'));
    await appendFile(file, ROUTES);
    mongo = await MongoClient.connect(mongoUri);
    sql = postgres(twinUrl, { max: 1, onnotice: () => undefined });
    await fillMongo(mongo.db());
    await sql.unsafe(SCHEMA);
    sides = [await serveMongo(mongoUri, 0), await servePostgres(twinUrl, 0)];
    env = {
      MONGODB_URI: mongoUri,
      MIGRATION_PG_URL: twinUrl,
      SHADOWREAD_JOURNAL_URL: journal,
      SHADOWREAD_PRIMARY_URL: sides[0]?.url ?? '',
      SHADOWREAD_TWIN_URL: sides[1]?.url ?? '',
    };
  });
  after(async () => {
    await proxy?.stop();
    await Promise.all([...(sides ?? []).map((side) => side.close()), mongo?.close(), sql?.end({ timeout: 1 })]);
    await rm(folder, { recursive: true, force: true });
  });

  const run = async (...args: string[]) => {
    const ran = await runCommand([...args, '--config', file], env);
    return { ...ran, said: `${args.join(' ')}: ${ran.out}${ran.err}` };
  };
  const id = (n: number): string => String(books[n]?._id);
  /** The one mismatch that a read of this path brings. */
  const mismatchOf = async (path: string): Promise<MismatchDetail> => {
    const before = (await proxy.status()).verdicts.mismatch;
    await (await fetch(`${proxy.url}${path}`)).arrayBuffer();
    await proxy.until(({ verdicts, inFlight }) => inFlight === 0 && verdicts.mismatch === before + 1);
    for (;;) {
      const { mismatches } = await proxy.get<Listed>('/api/mismatches?limit=1');
      const last =
        mismatches[0] === undefined ? null : await proxy.get<MismatchDetail>(`/api/mismatches/${mismatches[0].id}`);
      if (last !== null && seen !== last.id) {
        seen = last.id;
        return last;
      }
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  };
  let seen = '';

  it('a table without what the mappings say is refused, by name', async () => {
    await sql`alter table books rename column mongo_rev to other`;
    const { status, err } = await run('backfill');
    await sql`alter table books rename column other to mongo_rev`;
    expect(status).to.equal(64);
    expect(err).to.contain('books.mongo_rev');
  });

  it('backfill fills its tables, in their own keys, and again changes nothing', async () => {
    for (let n = 0; n < 2; n += 1) {
      const { status, out, said } = await run('backfill', '--json');
      expect(status, said).to.equal(0);
      expect(JSON.parse(out)).to.deep.include({ documents: 25 + 200 + 12 + 500, rejects: [], orphans: [] });
    }
    const [row] =
      await sql`select b.id, a.old_id from books b join authors a on a.id = b.author_id where b.old_id = ${id(3)}`;
    expect(row?.id).to.be.a('number');
    expect(row?.old_id).to.equal(String(books[3]?.author));
    const [{ n } = { n: 0 }] = await sql<{ n: number }[]>`select count(*)::int as n from books`;
    expect(n).to.equal(COUNTS.books);
    const { status, said } = await run('verify');
    expect(status, said).to.equal(0);
  });

  it('reconcile compares the sums that its mappings declare', async () => {
    const agreed = await run('reconcile', '--json');
    expect(agreed.status, agreed.said).to.equal(0);
    expect(JSON.parse(agreed.out).declared).to.deep.include({
      ...{ collection: 'books', amount: 'price', by: ['genre'] },
      ...{ sums: new Set(books.map(({ genre }) => genre)).size, documents: COUNTS.books },
    });
    await sql`update books set price = price + 0.01 where old_id = ${id(6)}`;
    const { status, out } = await run('reconcile');
    await sql`update books set price = price - 0.01 where old_id = ${id(6)}`;
    expect(status).to.equal(1);
    expect(out).to.contain('1 sum differs').and.contain(id(6));
  });

  it('drain carries a write over, status counts rows and documents', async () => {
    const at = new Date();
    const entry = { id: 'w1', op: 'update', at, pending: true };
    await mongo
      .db()
      .collection('books')
      .updateOne(
        { isbn: books[5]?.isbn ?? '' },
        {
          $set: { title: 'another title', author: authors[2]?._id },
          $inc: { _rev: 1 },
          $push: { _outbox: entry } as object,
        },
      );
    const drained = await run('drain', '--json');
    expect(drained.status, drained.said).to.equal(0);
    expect(JSON.parse(drained.out)).to.include({ drained: 1, failed: 0 });
    const [row] =
      await sql`select b.title, b.mongo_rev, a.old_id from books b join authors a on a.id = b.author_id where b.old_id = ${id(5)}`;
    expect(row).to.include({ title: 'another title', old_id: String(authors[2]?._id) });
    const status = await run('status', '--json');
    const [domain] = JSON.parse(status.out).domains;
    expect(domain, status.said).to.deep.include({ domain: 'books' });
    expect(domain.backfilled).to.deep.include({ models: 2, rows: 700, documents: 700, complete: true });
    expect((await run('gaps')).status).to.equal(0);
  });

  it('a broken row is the cause of its mismatch, and a fault; repair makes it again', async () => {
    proxy = await startProxyProcess(env, await readFile(file, 'utf8'));
    await sql`update books set price = price + 0.01 where old_id = ${id(7)}`;
    const found = await mismatchOf(`/v1/books/${id(7)}`);
    expect(found.verdict.cause?.cause, JSON.stringify(found.verdict)).to.equal('data_drift');
    expect(found.verdict.cause?.entities[0]).to.include({ collection: 'books', mongoId: id(7), state: 'drift' });
    const { faults } = JSON.parse((await run('faults', '--json')).out);
    expect(faults).to.have.length(1);
    expect(faults[0]).to.include({ collection: 'books', entity: id(7), field: 'price', cause: 'data_drift' });
    expect((await run('verify', '--restart')).status).to.equal(1);
    const repaired = await run('repair', faults[0].id.slice(0, 6), '--json');
    expect(repaired.status, repaired.said).to.equal(0);
    expect(JSON.parse(repaired.out)).to.include({ result: 'repaired', action: 'update' });
    const verified = await run('verify', '--restart');
    expect(verified.status, verified.said).to.equal(0);
  });

  it('so are a lost row, an extra one, and a reference to another row', async () => {
    await sql`update books set author_id = (select id from authors where old_id = ${String(authors[9]?._id)}) where old_id = ${id(8)}`;
    const wrong = await mismatchOf(`/v1/books/${id(8)}`);
    expect(wrong.verdict.cause?.cause, JSON.stringify(wrong.verdict.cause)).to.equal('data_drift');
    expect(wrong.verdict.cause?.faults?.map(({ field }) => field)).to.deep.equal(['author']);
    expect(wrong.verdict.cause?.faults?.[0]?.sample?.measure).to.deep.equal({ of: 'entity', how: 'wrong_known' });
    await sql`update books set author_id = 99999 where old_id = ${id(13)}`;
    const nobody = await mismatchOf(`/v1/books/${id(13)}`);
    expect(nobody.verdict.cause?.faults?.[0]?.sample?.measure).to.deep.equal({ of: 'entity', how: 'unknown' });
    expect((await run('repair', `books/${id(13)}`)).status).to.equal(0);
    const [before] = await sql<{ id: number }[]>`delete from books where old_id = ${id(9)} returning id`;
    const lost = await mismatchOf(`/v1/books/${id(9)}`);
    expect(lost.verdict.cause?.cause, JSON.stringify(lost.verdict.cause)).to.equal('missing_row');
    await mongo
      .db()
      .collection('books')
      .deleteOne({ isbn: books[10]?.isbn ?? '' });
    const extra = await mismatchOf(`/v1/books/${id(10)}`);
    expect(extra.verdict.cause?.cause, JSON.stringify(extra.verdict.cause)).to.equal('extra_row');
    const [own] = await sql<{ id: number }[]>`select id from books where old_id = ${id(8)}`;
    // By the row's own id as well as by the document's.
    expect((await run('repair', `books/${own?.id}`)).status).to.equal(0);
    expect((await run('repair', `books/${id(9)}`)).status).to.equal(0);
    expect((await run('repair', `books/${id(10)}`, '--delete')).status).to.equal(0);
    // The reviews of the lost one still refer to the id that it had.
    const [again] = await sql<{ id: number }[]>`select id from books where old_id = ${id(9)}`;
    expect(again).to.deep.equal(before);
    // Those of the one whose document is gone refer to nothing.
    expect((await run('verify', '--restart')).status).to.equal(1);
    const followed = await run('repair', '--all', '--cause', 'data_drift');
    expect(followed.status, followed.said).to.equal(0);
    const verified = await run('verify', '--restart');
    expect(verified.status, verified.said).to.equal(0);
  });

  it('rows whose documents were swapped are refused where a value of theirs is unique, with what to do', async () => {
    const name = (was: string, old_id: string) => sql`update books set old_id = ${old_id} where old_id = ${was}`;
    const swap = async () => {
      await name(id(20), 'between');
      await name(id(21), id(20));
      await name('between', id(21));
    };
    await swap();
    const { status, out } = await run('repair', `books/${id(20)}`);
    await swap();
    expect(status).to.equal(1);
    expect(out).to.contain('books_isbn_key').and.contain('delete one of the two rows, then repair both');
  });

  it('what refers to a lost row by its own id is no fault beside it', async () => {
    const lost = String(books[12]?.author);
    const [before] = await sql<{ id: number }[]>`delete from authors where old_id = ${lost} returning id`;
    const found = await mismatchOf(`/v1/books/${id(12)}`);
    const faults = found.verdict.cause?.faults?.map(
      ({ cause, collection, entity }) => `${cause} ${collection}/${entity}`,
    );
    expect(faults, JSON.stringify(found.verdict)).to.deep.equal([`missing_row authors/${lost}`]);
    expect((await run('repair', `authors/${lost}`)).status).to.equal(0);
    expect((await sql`select id from authors where old_id = ${lost}`)[0]).to.deep.equal(before);
    expect((await run('verify', '--restart')).status).to.equal(0);
  });

  it('a row that no document has ever had is named in a list and behind a count, whether or not it keeps an id of one', async () => {
    const [kept = '', lone = ''] = [reviews[1], reviews[2]].map((review) => String(review?.book));
    for (const [book, key] of [
      [kept, '65f0000400000000000fffff'],
      [lone, null],
    ] as const) {
      const [row] = await sql<{ id: number }[]>`
        insert into reviews (old_id, book_id, reader_id, stars, text, at)
        select ${key}, b.id, (select min(id) from readers), 1, 'of no document', now() from books b where old_id = ${book}
        returning id`;
      const entity = key ?? String(row?.id);
      for (const path of ['reviews', 'rating']) {
        const found = await mismatchOf(`/v1/books/${book}/${path}`);
        const faults = found.verdict.cause?.faults?.map(({ cause, collection, entity: of }) => ({
          cause,
          collection,
          of,
        }));
        expect(faults, JSON.stringify(found.verdict)).to.deep.equal([
          { cause: 'extra_row', collection: 'reviews', of: entity },
        ]);
      }
      const verified = await run('verify', '--restart', '--json');
      expect(JSON.parse(verified.out).findings, verified.said).to.deep.include({
        collection: 'reviews',
        mongoId: entity,
        kind: 'extra',
        fields: [],
        reason: null,
      });
      const refused = await run('repair', `reviews/${entity}`);
      expect(refused.status).to.equal(1);
      expect(refused.out).to.contain('--delete');
      expect((await run('repair', `reviews/${entity}`, '--delete')).status).to.equal(0);
      expect(await sql`select from reviews where text = 'of no document'`).to.have.length(0);
    }
    expect((await run('verify', '--restart')).status).to.equal(0);
  });

  it('a write that Postgres refuses is a gap, which is tried again', async () => {
    const entry = { id: 'w2', op: 'update', at: new Date(), pending: true };
    const write = (stars: unknown) =>
      mongo
        .db()
        .collection('reviews')
        .updateOne({ text: 'river 0' }, { $set: { stars }, $inc: { _rev: 1 }, $push: { _outbox: entry } as object });
    await write('many');
    expect((await run('drain')).status).to.equal(1);
    const { open } = JSON.parse((await run('gaps', '--json')).out);
    expect(open[0]).to.include({ collection: 'reviews', operation: 'drain' });
    await write(4);
    expect((await run('gaps', '--repair')).status).to.equal(0);
  });

  it('without mappings, at a database with none of our tables, the cause says what is missing and no log repeats', async () => {
    await proxy.stop();
    const foreign = await freshDatabase();
    proxy = await startProxyProcess(
      { ...env, MIGRATION_PG_URL: foreign },
      ROUTES.replaceAll('by: query,', `by: query, url: "${env.MIGRATION_PG_URL}",`),
    );
    await sql`update books set title = 'x' where old_id = ${id(11)}`;
    const found = await mismatchOf(`/v1/books/${id(11)}`);
    expect(found.verdict.cause).to.deep.include({ cause: 'unknown', note: 'no mapping for this API' });
    expect((await proxy.status()).verdicts.skipped).to.equal(0);
    const said: string[] = [];
    const say = (...words: unknown[]): void => void said.push(words.join(' '));
    const watch = watchSync({
      url: foreign,
      api: await loadApi(NO_API),
      onLag: () => undefined,
      onBackfill: () => undefined,
      log: { info: say, warn: say, often: say },
    });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await watch.close();
    expect(said).to.deep.equal([]);
    const status = await runCommand(['status', '--config', proxy.configFile], { ...env, MIGRATION_PG_URL: foreign });
    expect(status.out + status.err)
      .to.contain('has no such tables yet')
      .and.not.contain('relation');
  });
});
