/**
 * The same bookshop, served from Postgres: rows with integers as keys, prices as numeric, instants as timestamptz. It
 * knows the old ids, so that a mirrored request finds its row, and prints its own.
 * `node examples/bookshop/postgres-api.ts` with DATABASE_URL and PORT.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import postgres, { type Sql } from 'postgres';

const PER_PAGE = 10;

export const SCHEMA = `
  create table authors (id serial primary key, old_id text unique, name text, born date, site text, mongo_rev bigint not null default 0);
  create table books (
    id serial primary key, old_id text unique, author_id int, isbn text unique, title text, genre text,
    price numeric(12, 2), published timestamptz, tags text[], subtitle text, words text[], in_stock boolean, dimensions jsonb,
    mongo_rev bigint not null default 0
  );
  create table readers (id serial primary key, old_id text unique, token text unique, genres text[], read jsonb, mongo_rev bigint not null default 0);
  create table reviews (id serial primary key, old_id text unique, book_id int, reader_id int, stars int, text text, at timestamptz, mongo_rev bigint not null default 0);
`;

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
  }
}

interface Ask {
  readonly sql: Sql;
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly reader: string | null;
  readonly body: Record<string, unknown>;
  readonly answer: ServerResponse;
}

type Row = Record<string, unknown>;

/** The row's own key, from it or from the id that MongoDB gave. */
async function keyOf(sql: Sql, table: string, text: string | undefined): Promise<number> {
  const id = text ?? '';
  if (!/^([0-9a-f]{24}|\d{1,9})$/.test(id)) throw new Refusal(400, 'bad_id');
  const [row] =
    id.length === 24
      ? await sql`select id from ${sql(table)} where old_id = ${id}`
      : await sql`select id from ${sql(table)} where id = ${Number(id)}`;
  return Number(row?.id ?? -1);
}

const found = (row: Row | undefined): Row => {
  if (row === undefined) throw new Refusal(404, 'not_found');
  return row;
};
const pageOf = (query: URLSearchParams) => {
  const page = Math.max(1, Number(query.get('page') ?? 1));
  const limit = Math.min(50, Math.max(1, Number(query.get('limit') ?? PER_PAGE)));
  return { page, limit, skip: (page - 1) * limit };
};

const bookColumns = (sql: Sql) => sql`
  b.id as "_id", b.isbn, b.title, b.genre, b.price, array(select unnest(b.tags) order by 1) as tags, b.subtitle,
  to_char(b.published at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') as published,
  b.words, b.in_stock as "inStock", b.dimensions,
  case when a.id is null then null else json_build_object('_id', a.id, 'name', a.name) end as author`;
const fromBooks = (sql: Sql) => sql`from books b left join authors a on a.id = b.author_id`;

const SORTABLE = new Set(['published', 'price', 'title']);

function orderBy(sql: Sql, text: string | null, byDefault: string) {
  const asked = text ?? byDefault;
  const column = asked.replace(/^-/, '');
  if (!SORTABLE.has(column)) throw new Refusal(400, 'bad_sort');
  const name = sql(`b.${column}`);
  return asked.startsWith('-') ? sql`order by ${name} desc` : sql`order by ${name}`;
}

type Route = readonly [method: string, path: RegExp, handler: (ask: Ask) => Promise<unknown>];

const routes: readonly Route[] = [
  [
    'GET',
    /^\/v1\/authors\/([^/]+)$/,
    async ({ sql, params }) => {
      const key = await keyOf(sql, 'authors', params[0]);
      const [row] = await sql`select id as "_id", name, born::timestamptz as born, site from authors where id = ${key}`;
      return found(row);
    },
  ],
  [
    'GET',
    /^\/v1\/authors\/([^/]+)\/books$/,
    async ({ sql, params, query }) => {
      const { page, limit, skip } = pageOf(query);
      const key = await keyOf(sql, 'authors', params[0]);
      const items = await sql`
        select ${bookColumns(sql)} ${fromBooks(sql)} where b.author_id = ${key}
        ${orderBy(sql, query.get('sort'), '-published')} limit ${limit} offset ${skip}`;
      const [count] = await sql`select count(*)::int as total from books where author_id = ${key}`;
      return { items, page, limit, total: count?.total };
    },
  ],
  [
    'GET',
    /^\/v1\/books$/,
    async ({ sql, query, answer }) => {
      const genre = query.get('genre');
      const after = query.get('after');
      const list = await sql`
        select ${bookColumns(sql)} ${fromBooks(sql)}
        where (${genre}::text is null or b.genre = ${genre}) and (${after}::text is null or b.isbn > ${after})
        order by b.isbn collate "C" limit ${PER_PAGE + 1}`;
      const shown = list.slice(0, PER_PAGE);
      const last = shown.at(-1);
      if (list.length > PER_PAGE && last !== undefined) {
        const next = new URLSearchParams({ ...(genre === null ? {} : { genre }), after: String(last.isbn) });
        answer.setHeader('Link', `</v1/books?${next}>; rel="next"`);
      }
      return shown;
    },
  ],
  [
    'GET',
    /^\/v1\/books\/([^/]+)$/,
    async ({ sql, params }) => {
      const key = await keyOf(sql, 'books', params[0]);
      const [row] = await sql`select ${bookColumns(sql)} ${fromBooks(sql)} where b.id = ${key}`;
      return found(row);
    },
  ],
  [
    'GET',
    /^\/v1\/books\/([^/]+)\/reviews$/,
    async ({ sql, params, query }) => {
      const { limit } = pageOf(query);
      const key = await keyOf(sql, 'books', params[0]);
      return sql`
        select id as "_id", book_id as book, reader_id as reader, stars, text, at from reviews
        where book_id = ${key} order by at desc, old_id desc limit ${limit}`;
    },
  ],
  [
    'GET',
    /^\/v1\/books\/([^/]+)\/rating$/,
    async ({ sql, params }) => {
      const key = await keyOf(sql, 'books', params[0]);
      const [row] =
        await sql`select count(*)::int as count, avg(stars)::float8 as average from reviews where book_id = ${key}`;
      return found(row);
    },
  ],
  [
    'POST',
    /^\/v1\/search$/,
    async ({ sql, body }) => {
      const word = String(body.word ?? '');
      if (word === '') throw new Refusal(400, 'no_word');
      const hits = await sql`
        select b.id as "_id", b.title, b.price,
          case when a.id is null then null else json_build_object('_id', a.id, 'name', a.name) end as author
        ${fromBooks(sql)} where ${word.toLowerCase()} = any (b.words) order by b.isbn collate "C" limit 20`;
      return { hits };
    },
  ],
  [
    'GET',
    /^\/v1\/feed$/,
    async ({ sql, reader }) => {
      if (reader === null) throw new Refusal(401, 'who_are_you');
      const [own] = await sql`select id, genres, read from readers where token = ${reader}`;
      const row = found(own);
      const books = await sql`
        select id as "_id", title from books where genre = any (${sql`(select genres from readers where token = ${reader})`}::text[])
        order by published desc, isbn collate "C" limit 10`;
      return { reader: row.id, genres: row.genres, books, read: row.read };
    },
  ],
];

async function handle(sql: Sql, request: IncomingMessage, answer: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://bookshop');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const route = routes.find(([method, path]) => method === request.method && path.test(url.pathname));
  answer.setHeader('Content-Type', 'application/json; charset=utf-8');
  try {
    if (route === undefined) throw new Refusal(404, 'no_route');
    const params = (route[1].exec(url.pathname) ?? []).slice(1);
    const text = Buffer.concat(chunks).toString('utf8');
    const body: Record<string, unknown> = text === '' ? {} : JSON.parse(text);
    const reader = request.headers.authorization?.replace(/^Bearer /, '') ?? null;
    answer.end(JSON.stringify(await route[2]({ sql, params, query: url.searchParams, reader, body, answer })));
  } catch (error) {
    answer.statusCode = error instanceof Refusal ? error.status : 500;
    answer.end(JSON.stringify({ error: error instanceof Refusal ? error.message : 'internal' }));
  }
}

/** Serves until closed. Port 0 takes a free one. */
export async function servePostgres(
  url: string,
  port: number,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const sql = postgres(url, { max: 8, onnotice: () => undefined });
  const server = http.createServer((request, answer) => void handle(sql, request, answer));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await sql.end({ timeout: 1 });
    },
  };
}

if (import.meta.main) {
  const { url } = await servePostgres(
    process.env.DATABASE_URL ?? 'postgres://127.0.0.1:5432/bookshop',
    Number(process.env.PORT ?? 3001),
  );
  console.log(`the bookshop from Postgres at ${url}`);
}
