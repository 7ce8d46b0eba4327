/**
 * Faults of known kinds, put into the twin's Postgres by hand-written SQL: what the verifier must find. Shares no code
 * with it. Each says which rows it broke, which reads show it for certain, and where else it may show.
 */
import type { Sql } from 'postgres';
import type { Queryable } from '../../base/postgres.ts';
import type { Catalogue } from './catalogue.ts';
import type { Random } from './random.ts';
import type { DemoRequest } from './requests.ts';

/** A place where a fault shows: a route and a pattern of the differing path (array positions as `*`). */
export interface Sign {
  readonly route: string;
  readonly path: RegExp;
}

export interface Injected {
  readonly domain: string;
  readonly what: string;
  /** The document whose row was broken, and the field of it that is wrong; null where the row is gone. */
  readonly broken: { readonly collection: string; readonly entity: string; readonly field: string | null };
  /** Reads that show it for certain; sent first. */
  readonly reads: readonly DemoRequest[];
  /** Found when a mismatch on this route has a difference at such a path. */
  readonly sure: Sign;
  /** Further places where it may show: aggregates and lists over the broken row. */
  readonly also: readonly Sign[];
}

export interface FaultContext {
  readonly sql: Queryable;
  readonly catalogue: Catalogue;
  readonly random: Random;
}

type Fault = (context: FaultContext) => Promise<Injected>;

/** Breaks the twin in every known way; the same seed breaks the same rows. Triggers are held off for the injector only. */
export function injectFaults(context: FaultContext & { readonly sql: Sql }): Promise<readonly Injected[]> {
  return context.sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    const injected: Injected[] = [];
    for (const fault of FAULTS) injected.push(await fault({ ...context, sql }));
    return injected;
  });
}

/** One row of the table that fulfils `where` and that the traffic will read; the seed chooses it. */
async function choose(
  { sql, random }: FaultContext,
  table: string,
  ids: readonly string[],
  where: string,
): Promise<{ readonly id: string; readonly mongoId: string }> {
  const rows = await sql.unsafe<{ id: string; mongo_id: string }[]>(
    `select id, mongo_id from ${table} where mongo_id = any($1) and ${where} order by mongo_id`,
    [[...ids]],
  );
  if (rows.length === 0) throw new RangeError(`no row of ${table} can carry the fault: ${where}`);
  const row = random.pick(rows);
  return { id: row.id, mongoId: row.mongo_id };
}

const anywhere = (...routes: readonly string[]): Sign[] => routes.map((route) => ({ route, path: /./ }));
/** A payment's row is shown by its own routes, by the dashboard's sums, and by what populates it. */
const PAYMENT_LISTS = anywhere(
  'GET /api/payments',
  'GET /api/payments/stats',
  'GET /api/payments/export.csv',
  'GET /api/admin/dashboard',
);

const amountByOneCent: Fault = async (context) => {
  const { id, mongoId } = await choose(context, 'payments', context.catalogue.payments, `currency in ('USD', 'EUR')`);
  await context.sql`update payments set amount = amount + 0.01 where id = ${id} and provider = (select provider from payments where id = ${id})`;
  return {
    domain: 'payments',
    what: 'an amount by one cent',
    broken: { collection: 'payments', entity: mongoId, field: 'amount' },
    reads: [{ target: `/api/payments/${mongoId}` }],
    sure: { route: 'GET /api/payments/:id', path: /^\/amount$/ },
    also: [...PAYMENT_LISTS, ...anywhere('GET /api/disputes/:id', 'GET /api/disputes')],
  };
};

const flippedStatus: Fault = async (context) => {
  const { id, mongoId } = await choose(context, 'payments', context.catalogue.payments, `status = 'completed'`);
  await context.sql`update payments set status = 'failed' where id = ${id} and provider = (select provider from payments where id = ${id})`;
  return {
    domain: 'payments',
    what: 'a flipped status',
    broken: { collection: 'payments', entity: mongoId, field: 'status' },
    reads: [{ target: `/api/payments/${mongoId}` }],
    sure: { route: 'GET /api/payments/:id', path: /^\/status$/ },
    also: [...PAYMENT_LISTS, ...anywhere('GET /api/disputes/:id', 'GET /api/disputes')],
  };
};

const lostMetadataKey: Fault = async (context) => {
  const { id, mongoId } = await choose(
    context,
    'payments',
    context.catalogue.payments,
    `metadata ? 'transactionSafety'`,
  );
  await context.sql`update payments set metadata = metadata - 'transactionSafety' where id = ${id} and provider = (select provider from payments where id = ${id})`;
  return {
    domain: 'payments',
    what: 'a lost metadata key',
    broken: { collection: 'payments', entity: mongoId, field: 'metadata' },
    reads: [{ target: `/api/payments/${mongoId}` }],
    sure: { route: 'GET /api/payments/:id', path: /^\/metadata\/./ },
    also: [...PAYMENT_LISTS, ...anywhere('GET /api/disputes/:id')],
  };
};

const lostRow: Fault = async (context) => {
  const { sql } = context;
  const rows = await sql<{ id: string; entity: string; payment: string }[]>`
    select e.id, e.mongo_id as entity, p.mongo_id as payment from funds_ledger_entries e join payments p on p.id = e.payment_id
    where p.mongo_id = any(${[...context.catalogue.ledgerPayments]}) order by e.mongo_id`;
  const { id, entity, payment } = context.random.pick(rows);
  await sql`delete from funds_ledger_entries where id = ${id}`;
  return {
    domain: 'ledger',
    what: 'a lost row',
    broken: { collection: 'fundsledgerentries', entity, field: null },
    reads: [{ target: `/api/ledger/payments/${payment}/trail` }],
    sure: { route: 'GET /api/ledger/payments/:paymentId/trail', path: /./ },
    also: anywhere('GET /api/ledger/entries', 'GET /api/ledger/balances/:userId', 'GET /api/admin/dashboard'),
  };
};

const hourShift: Fault = async (context) => {
  const { id, mongoId } = await choose(context, 'disputes', context.catalogue.disputes, 'resolved_at is not null');
  await context.sql`update disputes set resolved_at = resolved_at + interval '1 hour' where id = ${id}`;
  return {
    domain: 'disputes',
    what: "an hour's shift",
    broken: { collection: 'disputes', entity: mongoId, field: 'resolvedAt' },
    reads: [{ target: `/api/disputes/${mongoId}` }],
    sure: { route: 'GET /api/disputes/:id', path: /^\/resolvedAt$/ },
    also: anywhere('GET /api/disputes', 'GET /api/disputes/stats', 'GET /api/admin/dashboard'),
  };
};

const outOfOrder: Fault = async (context) => {
  const { id, mongoId } = await choose(
    context,
    'disputes',
    context.catalogue.disputes,
    '(select count(*) from dispute_evidence e where e.dispute_id = disputes.id) > 1',
  );
  await context.sql`update dispute_evidence set position = 1000 - position where dispute_id = ${id}`;
  return {
    domain: 'disputes',
    what: 'an out-of-order list',
    broken: { collection: 'disputes', entity: mongoId, field: 'evidence' },
    reads: [{ target: `/api/disputes/${mongoId}` }],
    sure: { route: 'GET /api/disputes/:id', path: /^\/evidence/ },
    also: anywhere('GET /api/disputes'),
  };
};

const wrongForeignKey: Fault = async (context) => {
  const { id, mongoId } = await choose(context, 'derived_destinations', context.catalogue.destinations, 'true');
  await context.sql`
    update derived_destinations set user_id = (select id from users where id <> derived_destinations.user_id order by mongo_id limit 1)
    where id = ${id}`;
  return {
    domain: 'wallet',
    what: 'a wrong foreign key',
    broken: { collection: 'deriveddestinations', entity: mongoId, field: 'user' },
    reads: [{ target: `/api/wallet/destinations/${mongoId}` }],
    sure: { route: 'GET /api/wallet/destinations/:id', path: /^\/user/ },
    also: anywhere('GET /api/wallet/destinations'),
  };
};

const trimmedString: Fault = async (context) => {
  const { sql, catalogue, random } = context;
  const rows = await sql<{ id: string; entity: string; user: string }[]>`
    select t.id, t.mongo_id as entity, u.mongo_id as user from trezor_accounts t join users u on u.id = t.user_id
    where u.mongo_id = any(${[...catalogue.trezorUsers]}) and length(t.label) > 1 order by t.mongo_id`;
  const { id, entity, user } = random.pick(rows);
  await sql`update trezor_accounts set label = case when btrim(label) <> label then btrim(label) else left(label, -1) end where id = ${id}`;
  return {
    domain: 'wallet',
    what: 'a trimmed string',
    broken: { collection: 'trezoraccounts', entity, field: 'label' },
    reads: [{ target: `/api/wallet/trezor/${user}` }],
    sure: { route: 'GET /api/wallet/trezor/:userId', path: /\/label$/ },
    also: [],
  };
};

const lostTag: Fault = async (context) => {
  const { sql, catalogue, random } = context;
  const rows = await sql<{ id: string; entity: string; slug: string }[]>`
    select id, mongo_id as entity, slug from blog_posts where slug = any(${[...catalogue.posts]}) and cardinality(tags) > 1 order by mongo_id`;
  const { id, entity, slug } = random.pick(rows);
  await sql`update blog_posts set tags = tags[2:] where id = ${id}`;
  return {
    domain: 'content',
    what: 'a lost tag',
    broken: { collection: 'blogposts', entity, field: 'tags' },
    reads: [{ target: `/api/blog/${encodeURIComponent(slug)}` }],
    sure: { route: 'GET /api/blog/:slug', path: /^\/tags/ },
    also: anywhere('GET /api/blog'),
  };
};

const priceByOneUnit: Fault = async (context) => {
  const { id, mongoId } = await choose(
    context,
    'seller_offers',
    context.catalogue.offers,
    `currency in ('USDT', 'USDC')`,
  );
  await context.sql`update seller_offers set price = price + 0.000001 where id = ${id}`;
  return {
    domain: 'marketplace',
    what: 'a price by one millionth',
    broken: { collection: 'selleroffers', entity: mongoId, field: 'price' },
    reads: [{ target: `/api/offers/${mongoId}` }],
    sure: { route: 'GET /api/offers/:id', path: /^\/price$/ },
    also: anywhere('GET /api/requests/:id/offers', 'GET /api/payments/:id', 'GET /api/payments'),
  };
};

const anotherCase: Fault = async (context) => {
  const { id, mongoId } = await choose(
    context,
    'users',
    context.catalogue.users,
    `name <> upper(name) and role <> 'admin'`,
  );
  await context.sql`update users set name = upper(name) where id = ${id}`;
  return {
    domain: 'identity',
    what: 'a name in another case',
    broken: { collection: 'users', entity: mongoId, field: 'name' },
    reads: [{ target: `/api/users/${mongoId}` }],
    sure: { route: 'GET /api/users/:id', path: /^\/name$/ },
    // A name is populated nearly everywhere.
    also: [{ route: '*', path: /\/name$/ }],
  };
};

const lostMessage: Fault = async (context) => {
  const { sql, catalogue, random } = context;
  const rows = await sql<{ id: string; chat: string }[]>`
    select id, mongo_id as chat from chats
    where mongo_id = any(${catalogue.chats.map((chat) => chat.id)}) and jsonb_array_length(messages) between 3 and 100 order by mongo_id`;
  const { id, chat } = random.pick(rows);
  await sql`update chats set messages = messages - 1 where id = ${id}`;
  const caller = catalogue.chats.find((known) => known.id === chat)?.caller ?? '';
  return {
    domain: 'chat',
    what: 'a lost message',
    broken: { collection: 'chats', entity: chat, field: 'messages' },
    reads: [{ target: `/api/chats/${chat}/messages?limit=100`, caller }],
    sure: { route: 'GET /api/chats/:id/messages', path: /^\/data/ },
    also: anywhere('GET /api/chats', 'GET /api/chats/:id', 'GET /api/chats/:id/messages'),
  };
};

const flippedFlag: Fault = async (context) => {
  const { sql, catalogue, random } = context;
  const rows = await sql<{ id: string; entity: string; user: string }[]>`
    select n.id, n.mongo_id as entity, u.mongo_id as user from notifications n join users u on u.id = n.user_id
    where u.mongo_id = any(${[...catalogue.notified]}) and not n.read and (n.expires_at is null or n.expires_at > now() + interval '1 day')
    order by n.mongo_id`;
  const { id, entity, user } = random.pick(rows);
  await sql`update notifications set read = true where id = ${id}`;
  return {
    domain: 'notifications',
    what: 'a flipped boolean',
    broken: { collection: 'notifications', entity, field: 'read' },
    reads: [{ target: '/api/notifications/unread-count', caller: user }],
    sure: { route: 'GET /api/notifications/unread-count', path: /./ },
    also: anywhere('GET /api/notifications'),
  };
};

const pointsByOne: Fault = async (context) => {
  const { sql, catalogue, random } = context;
  const rows = await sql<{ id: string; entity: string; user: string }[]>`
    select t.id, t.mongo_id as entity, u.mongo_id as user from point_transactions t join users u on u.id = t.user_id
    where u.mongo_id = any(${[...catalogue.pointUsers]}) order by t.mongo_id`;
  const { id, entity, user } = random.pick(rows);
  await sql`update point_transactions set points = points + 1 where id = ${id}`;
  return {
    domain: 'points',
    what: 'points by one',
    broken: { collection: 'pointtransactions', entity, field: 'points' },
    reads: [{ target: `/api/points/${user}` }],
    sure: { route: 'GET /api/points/:userId', path: /^\/balance/ },
    also: anywhere('GET /api/points/:userId', 'GET /api/points/:userId/transactions', 'GET /api/points/leaderboard'),
  };
};

const FAULTS: readonly Fault[] = [
  amountByOneCent,
  flippedStatus,
  lostMetadataKey,
  lostRow,
  hourShift,
  outOfOrder,
  wrongForeignKey,
  trimmedString,
  lostTag,
  priceByOneUnit,
  anotherCase,
  lostMessage,
  flippedFlag,
  pointsByOne,
];
