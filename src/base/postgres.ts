/** Opens connections to a Postgres: the one place where the driver is made, so that every pool has a name and a limit. */
import postgres, { type Options, type PostgresType, type Sql, type TransactionSql } from 'postgres';
import { arrayTypes, instantOf } from './postgres-arrays.ts';

/** A pool or a transaction of it. */
export type Queryable = Sql | TransactionSql;

export interface PoolOptions {
  /** What the server sees as `application_name`. */
  readonly name: string;
  /** Connections at once. */
  readonly max: number;
  /** Longest time of a statement, ms; without it there is no limit. */
  readonly statementMs?: number;
  /** Reads arrays of types that people made themselves, such as enums: such tables are theirs. */
  readonly ownTypes?: boolean;
  /** int8 comes back as a number instead of text: for counts and revisions, which fit a double. */
  readonly int8AsNumber?: boolean;
  /** The session refuses to write (not behind a pooler that knows no sessions), and uses no prepared statements. */
  readonly readOnly?: boolean;
  /** Seconds after which an unused connection is closed; kept open where not given. */
  readonly idleSeconds?: number;
  /** Milliseconds to wait before the given try to connect again; the driver's own pauses where not given. */
  readonly retryMs?: (attempt: number) => number;
  /** A new pool has replaced one that lost a connection: call `listen` again. */
  readonly onRenewed?: () => void;
}

/** SQLSTATE or a system's code (`ECONNREFUSED`) of anything thrown. */
export function codeOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : '';
}

/** A name as SQL writes it, by its parts as the driver reads it: `app.books` is the table books of the schema app. */
export const quoted = (name: string): string =>
  name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');

/** Postgres has no table, or no schema, of this name: SQLSTATE 42P01, 3F000. */
export function isMissingTable(error: unknown): boolean {
  return codeOf(error) === '42P01' || codeOf(error) === '3F000';
}

const INT8: PostgresType<number> = { to: 20, from: [20], serialize: String, parse: Number };

const DATE: PostgresType<Date> = {
  to: 1184,
  from: [1082, 1114, 1184],
  serialize: (value: unknown) => (value instanceof Date ? value : new Date(String(value))).toISOString(),
  parse: instantOf,
};

/** A lost race that the same work wins when it is done again: a deadlock, or what could not be serialized. */
export const isLostRace = (error: unknown): boolean => codeOf(error) === '40P01' || codeOf(error) === '40001';

/** A transaction that is done again where another one was in its way. */
export const transaction = <T>(sql: Sql, work: (tx: TransactionSql) => Promise<T>) => again(() => sql.begin(work));

/** Does a transaction again where another one was in its way, some times. */
export async function again<T>(work: () => Promise<T>, tries = 8): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= tries || !isLostRace(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt));
    }
  }
}

/**
 * A pool that loses a connection is replaced as a whole: once a connection of the driver is lost while something is still to
 * be written to it, it never writes again, however often it connects (porsager/postgres#1154). What the lost connection was
 * doing fails; what comes later goes to the new pool. Connects when it is first used.
 */
export function openPostgresPool(url: string, options: PoolOptions): Sql {
  let ended = false;
  const renew = (pool: Sql): void => {
    if (ended || pool !== current) return;
    current = open();
    // What its other connections are doing may still succeed; what waits for the lost one is rejected only by this.
    void pool.end({ timeout: 5 }).catch(() => undefined);
    options.onRenewed?.();
  };
  const open = (): Sql => {
    const pool: Sql = connect(url, options, () => renew(pool));
    return pool;
  };
  let current = open();
  const sql = new Proxy(current, {
    apply: (_first, _self, given) => Reflect.apply(current, undefined, given),
    get: (_first, name) => {
      if (name === 'end') ended = true;
      return Reflect.get(current, name);
    },
  });
  renewers.set(sql, () => renew(current));
  return sql;
}

const renewers = new WeakMap<Sql, () => void>();

/** Leaves the connections of a pool of `openPostgresPool` for new ones: for those that will not serve again. */
export const renewPool = (sql: Sql): void => renewers.get(sql)?.();

/**
 * The form of all values on the wire, whatever the server, the database or the role is set to: texts are read and numbers
 * compared in this form, and a `double precision` with fewer digits would be another number. All are words, since the driver
 * leaves out what is false.
 */
const SESSION = {
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  array_nulls: 'on',
  transform_null_equals: 'off',
  default_transaction_isolation: 'read committed',
} as const;

/** The same, of what poolers too keep apart for each client. */
const ANYWHERE = { TimeZone: 'UTC', DateStyle: 'ISO, YMD', standard_conforming_strings: 'on' } as const;

/**
 * `?pgbouncer=true`, as others call it: a pooler that gives each transaction another connection. There a prepared statement is
 * gone in the next one, and a session that asks for more than the pooler knows is refused.
 */
function behindPooler(url: string): { readonly address: string; readonly pooler: boolean } {
  // The last one counts; what is neither true nor false stays, and is refused as any unknown option is.
  const at = Math.max(url.lastIndexOf('?pgbouncer='), url.lastIndexOf('&pgbouncer='));
  const [asked = '', ...after] = at < 0 ? [] : url.slice(at + '?pgbouncer='.length).split('&');
  if (asked !== 'true' && asked !== 'false') return { address: url, pooler: false };
  return { address: url.slice(0, at + 1) + after.join('&'), pooler: asked === 'true' };
}

/** Instants are exchanged in UTC, numerics stay text, notices are dropped. */
function connect(url: string, options: PoolOptions, onLost: () => void): Sql {
  const { name, max, statementMs, int8AsNumber, ownTypes, readOnly, idleSeconds, retryMs } = options;
  const { address, pooler } = behindPooler(url);
  const given: Options<Record<string, PostgresType>> = {
    max,
    connect_timeout: 5,
    max_lifetime: null,
    onnotice: () => undefined,
    // Without asking for types, the driver's `reserve()` never resolves on a new connection: `begin` does.
    fetch_types: ownTypes === true,
    types: int8AsNumber === true ? { date: DATE, int8: INT8, ...arrayTypes(Number) } : { date: DATE, ...arrayTypes() },
    ...(readOnly === true || pooler ? { prepare: false } : {}),
    ...(idleSeconds === undefined ? {} : { idle_timeout: idleSeconds }),
    ...(retryMs === undefined ? {} : { backoff: (attempt: number) => retryMs(attempt) / 1_000 }),
    onclose: onLost,
    connection: {
      application_name: name,
      ...ANYWHERE,
      ...(pooler ? {} : SESSION),
      ...(statementMs === undefined || pooler ? {} : { statement_timeout: statementMs }),
      ...(readOnly === true && !pooler ? { default_transaction_read_only: true } : {}),
    },
  };
  return postgres(address, given);
}
