/**
 * The bookshop as it is served today, from MongoDB: nested routes, a list that is paged by cursors in the Link header,
 * a search by POST, a feed of the caller's own. `node examples/bookshop/mongo-api.ts` with MONGODB_URI and PORT.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Db, type Document, MongoClient, ObjectId } from 'mongodb';

const PER_PAGE = 10;

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
  }
}

interface Ask {
  readonly db: Db;
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly reader: string | null;
  readonly body: Record<string, unknown>;
  readonly answer: ServerResponse;
}

const idOf = (text: string | undefined): ObjectId => {
  if (!/^[0-9a-f]{24}$/.test(text ?? '')) throw new Refusal(400, 'bad_id');
  return new ObjectId(text);
};
const found = (document: Document | null): Document => {
  if (document === null) throw new Refusal(404, 'not_found');
  return document;
};
const pageOf = (query: URLSearchParams) => {
  const page = Math.max(1, Number(query.get('page') ?? 1));
  const limit = Math.min(50, Math.max(1, Number(query.get('limit') ?? PER_PAGE)));
  return { page, limit, skip: (page - 1) * limit };
};

/** A book with its author put in, as the clients know it. */
async function books(db: Db, list: readonly Document[]): Promise<Document[]> {
  const authors = await db
    .collection('authors')
    .find({ _id: { $in: list.map((book) => book.author) } })
    .toArray();
  return list.map((book) => {
    const author = authors.find((one) => one._id.equals(book.author));
    return { ...book, author: author === undefined ? null : { _id: author._id, name: author.name } };
  });
}

/** `price`, `-price`; ties are in no order. */
function sortOf(text: string | null, byDefault: string): [string, 1 | -1][] {
  const asked = text ?? byDefault;
  return [[asked.replace(/^-/, ''), asked.startsWith('-') ? -1 : 1]];
}

type Route = readonly [method: string, path: RegExp, handler: (ask: Ask) => Promise<unknown>];

const routes: readonly Route[] = [
  [
    'GET',
    /^\/v1\/authors\/([^/]+)$/,
    async ({ db, params }) => found(await db.collection('authors').findOne({ _id: idOf(params[0]) })),
  ],
  [
    'GET',
    /^\/v1\/authors\/([^/]+)\/books$/,
    async ({ db, params, query }) => {
      const { page, limit, skip } = pageOf(query);
      const filter = { author: idOf(params[0]) };
      const list = await db
        .collection('books')
        .find(filter)
        .sort(sortOf(query.get('sort'), '-published'))
        .skip(skip)
        .limit(limit)
        .toArray();
      const total = await db.collection('books').countDocuments(filter);
      return { items: await books(db, list), page, limit, total };
    },
  ],
  [
    'GET',
    /^\/v1\/books$/,
    async ({ db, query, answer }) => {
      const genre = query.get('genre');
      const after = query.get('after');
      const filter = { ...(genre === null ? {} : { genre }), ...(after === null ? {} : { isbn: { $gt: after } }) };
      const list = await db
        .collection('books')
        .find(filter)
        .sort({ isbn: 1 })
        .limit(PER_PAGE + 1)
        .toArray();
      const shown = list.slice(0, PER_PAGE);
      const last = shown.at(-1);
      if (list.length > PER_PAGE && last !== undefined) {
        const next = new URLSearchParams({ ...(genre === null ? {} : { genre }), after: String(last.isbn) });
        answer.setHeader('Link', `</v1/books?${next}>; rel="next"`);
      }
      return books(db, shown);
    },
  ],
  [
    'GET',
    /^\/v1\/books\/([^/]+)$/,
    async ({ db, params }) => {
      const [book] = await books(db, [found(await db.collection('books').findOne({ _id: idOf(params[0]) }))]);
      return book;
    },
  ],
  [
    'GET',
    /^\/v1\/books\/([^/]+)\/reviews$/,
    async ({ db, params, query }) => {
      const { limit } = pageOf(query);
      return db
        .collection('reviews')
        .find({ book: idOf(params[0]) })
        .sort({ at: -1, _id: -1 })
        .limit(limit)
        .toArray();
    },
  ],
  [
    'GET',
    /^\/v1\/books\/([^/]+)\/rating$/,
    async ({ db, params }) => {
      const stars = (
        await db
          .collection('reviews')
          .find({ book: idOf(params[0]) })
          .toArray()
      ).map(({ stars: n }) => Number(n));
      const sum = stars.reduce((all, n) => all + n, 0);
      return { count: stars.length, average: stars.length === 0 ? null : sum / stars.length };
    },
  ],
  [
    'POST',
    /^\/v1\/search$/,
    async ({ db, body }) => {
      const word = String(body.word ?? '');
      if (word === '') throw new Refusal(400, 'no_word');
      const list = await db
        .collection('books')
        .find({ words: word.toLowerCase() })
        .sort({ isbn: 1 })
        .limit(20)
        .toArray();
      return { hits: (await books(db, list)).map(({ _id, title, author, price }) => ({ _id, title, author, price })) };
    },
  ],
  [
    'GET',
    /^\/v1\/feed$/,
    async ({ db, reader }) => {
      if (reader === null) throw new Refusal(401, 'who_are_you');
      const own = found(await db.collection('readers').findOne({ token: reader }));
      const list = await db
        .collection('books')
        .find({ genre: { $in: own.genres } })
        .sort({ published: -1, isbn: 1 })
        .limit(10)
        .toArray();
      return {
        reader: own._id,
        genres: own.genres,
        books: list.map(({ _id, title }) => ({ _id, title })),
        read: own.read,
      };
    },
  ],
  [
    'POST',
    /^\/v1\/books\/([^/]+)\/reviews$/,
    async ({ db, params, body, reader, answer }) => {
      const book = found(await db.collection('books').findOne({ _id: idOf(params[0]) }));
      const own = found(await db.collection('readers').findOne({ token: reader }));
      const review = {
        _id: new ObjectId(),
        book: book._id,
        reader: own._id,
        stars: Number(body.stars),
        text: String(body.text),
        at: new Date(),
      };
      await db.collection('reviews').insertOne(review);
      answer.statusCode = 201;
      return review;
    },
  ],
];

/** Without what the migration keeps in a document: its revision, and the writes that are not carried over yet. */
const shown = (value: unknown): string =>
  JSON.stringify(value, (key, inner) => (key === '_rev' || key === '_outbox' ? undefined : inner));

async function handle(db: Db, request: IncomingMessage, answer: ServerResponse): Promise<void> {
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
    answer.end(shown(await route[2]({ db, params, query: url.searchParams, reader, body, answer })));
  } catch (error) {
    answer.statusCode = error instanceof Refusal ? error.status : 500;
    answer.end(JSON.stringify({ error: error instanceof Refusal ? error.message : 'internal' }));
  }
}

/** Serves until closed. Port 0 takes a free one. */
export async function serveMongo(uri: string, port: number): Promise<{ readonly url: string; close(): Promise<void> }> {
  const client = await MongoClient.connect(uri);
  const server = http.createServer((request, answer) => void handle(client.db(), request, answer));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await client.close();
    },
  };
}

if (import.meta.main) {
  const { url } = await serveMongo(
    process.env.MONGODB_URI ?? 'mongodb://127.0.0.1:27017/bookshop',
    Number(process.env.PORT ?? 3000),
  );
  console.log(`the bookshop from MongoDB at ${url}`);
}
