/** The bookshop's data, the same every time: documents for MongoDB, and the copy of them as rows. */
import { type Db, ObjectId } from 'mongodb';
import type { Sql } from 'postgres';

const GENRES = ['crime', 'poetry', 'travel', 'science'];
const WORDS = ['river', 'stone', 'night', 'garden', 'letter', 'winter', 'island', 'mirror', 'harbour', 'orchard'];

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;
/** An ObjectId that is the same in every run. */
const oid = (kind: number, n: number): ObjectId =>
  new ObjectId(`65f0${kind.toString(16).padStart(4, '0')}${n.toString(16).padStart(16, '0')}`);

export const COUNTS = Object.freeze({ authors: 25, books: 200, readers: 12, reviews: 500 });

export const authors = Array.from({ length: COUNTS.authors }, (_, n) => ({
  _id: oid(1, n),
  name: `Author ${String.fromCharCode(65 + (n % 26))}. ${pick(WORDS, n * 3)}`,
  born: new Date(Date.UTC(1900 + n * 3, n % 12, 1 + n)),
  ...(n % 3 === 0 ? {} : { site: `https://authors.example/${n}` }),
}));

export const books = Array.from({ length: COUNTS.books }, (_, n) => {
  const words = [pick(WORDS, n), pick(WORDS, n * 7 + 3)];
  return {
    _id: oid(2, n),
    author: oid(1, (n * 11) % COUNTS.authors),
    isbn: `978-${String(1000 + n)}-${n % 10}`,
    title: `The ${words.join(' and the ')}, part ${n}`,
    genre: pick(GENRES, n * 5 + (n >> 2)),
    // Few prices, so that lists sorted by price have ties.
    price: 5.01 + (n % 3) * 2.5,
    published: new Date(Date.UTC(2000 + (n % 25), n % 12, 1 + (n % 27), n % 24)),
    tags: [pick(WORDS, n + 1), pick(WORDS, n + 4), pick(GENRES, n)],
    ...(n % 4 === 0 ? { subtitle: `a ${pick(GENRES, n)} story` } : {}),
    words,
    inStock: n % 5 !== 0,
    dimensions: { width: 120 + (n % 30), height: 190 + (n % 20), ...(n % 6 === 0 ? { depth: 20.5 } : {}) },
  };
});

export const readers = Array.from({ length: COUNTS.readers }, (_, n) => ({
  _id: oid(3, n),
  token: `reader-${n}`,
  genres: [pick(GENRES, n), pick(GENRES, n + 1)],
  read: { pages: n * 100, finished: n },
}));

export const reviews = Array.from({ length: COUNTS.reviews }, (_, n) => ({
  _id: oid(4, n),
  book: oid(2, (n * 13) % COUNTS.books),
  reader: oid(3, (n * 5) % COUNTS.readers),
  stars: 1 + (n % 5),
  text: `${pick(WORDS, n)} ${n}`,
  at: new Date(Date.UTC(2025, n % 12, 1 + (n % 28), n % 24, n % 60, 0, n)),
}));

export async function fillMongo(db: Db): Promise<void> {
  await db.collection<(typeof authors)[number]>('authors').insertMany(authors);
  await db.collection<(typeof books)[number]>('books').insertMany(books);
  await db.collection<(typeof readers)[number]>('readers').insertMany(readers);
  await db.collection<(typeof reviews)[number]>('reviews').insertMany(reviews);
}

/** The copy, in an order of its own: keys of rows do not follow the age of documents. */
export async function fillPostgres(sql: Sql): Promise<void> {
  const shuffled = <T>(list: readonly T[]): T[] =>
    list.map((_, i) => pick(list, i * 7 + 3)).filter((one, i, all) => all.indexOf(one) === i);
  for (const { _id, name, born, site } of all(authors))
    await sql`insert into authors ${sql({ old_id: String(_id), name, born, site: site ?? null })}`;
  const authorKeys = await keysOf(sql, 'authors');
  for (const book of all(books)) {
    const { _id, author, inStock, subtitle = null, dimensions, ...rest } = book;
    await sql`insert into books ${sql({ ...rest, subtitle, old_id: String(_id), author_id: authorKeys.get(String(author)) ?? null, in_stock: inStock, dimensions: sql.json(dimensions) })}`;
  }
  for (const { _id, token, genres, read } of all(readers))
    await sql`insert into readers ${sql({ old_id: String(_id), token, genres, read: sql.json(read) })}`;
  const [bookKeys, readerKeys] = [await keysOf(sql, 'books'), await keysOf(sql, 'readers')];
  for (const { _id, book, reader, stars, text, at } of all(reviews)) {
    await sql`insert into reviews ${sql({ old_id: String(_id), book_id: bookKeys.get(String(book)) ?? null, reader_id: readerKeys.get(String(reader)) ?? null, stars, text, at })}`;
  }

  function all<T>(list: readonly T[]): readonly T[] {
    const some = shuffled(list);
    return [...some, ...list.filter((one) => !some.includes(one))];
  }
}

export async function keysOf(sql: Sql, table: string): Promise<ReadonlyMap<string, number>> {
  const rows = await sql`select old_id, id from ${sql(table)}`;
  return new Map(rows.map(({ old_id, id }) => [String(old_id), Number(id)]));
}

/** Carries a review that was written to MongoDB over to Postgres, as the migration's dual write does. */
export async function copyReview(
  sql: Sql,
  review: {
    readonly _id: string;
    readonly book: string;
    readonly reader: string;
    readonly stars: number;
    readonly text: string;
    readonly at: string;
  },
): Promise<void> {
  await sql`
    insert into reviews (old_id, book_id, reader_id, stars, text, at)
    values (${review._id}, (select id from books where old_id = ${review.book}), (select id from readers where old_id = ${review.reader}), ${review.stars}, ${review.text}, ${review.at})`;
}
