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
  /** The session refuses to write, and uses no prepared statements, since a pooler may sit in between. */
  readonly readOnly?: boolean;
  /** Seconds after which an unused connection is closed; kept open where not given. */
  readonly idleSeconds?: number;
  /** Milliseconds to wait before the given try to connect again; the driver's own pauses where not given. */
  readonly retryMs?: (attempt: number) => number;
  /** A connection was lost. */
  readonly onLost?: () => void;
}

/** Postgres has no table, or no schema, of this name: SQLSTATE 42P01, 3F000. */
export function isMissingTable(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && (error.code === '42P01' || error.code === '3F000')
  );
}

const INT8: PostgresType<number> = { to: 20, from: [20], serialize: String, parse: Number };

const DATE: PostgresType<Date> = {
  to: 1184,
  from: [1082, 1114, 1184],
  serialize: (value: unknown) => (value instanceof Date ? value : new Date(String(value))).toISOString(),
  parse: instantOf,
};

/** A lost race that the same work wins when it is done again: a deadlock, or what could not be serialized. */
export const isLostRace = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && (error.code === '40P01' || error.code === '40001');

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

/** Instants are exchanged in UTC, numerics stay text, notices are dropped. Connects when it is first used. */
export function openPostgresPool(url: string, options: PoolOptions): Sql {
  const { name, max, statementMs, int8AsNumber, ownTypes, readOnly, idleSeconds, retryMs, onLost } = options;
  const given: Options<Record<string, PostgresType>> = {
    max,
    connect_timeout: 5,
    max_lifetime: null,
    onnotice: () => undefined,
    // Without asking for types, the driver's `reserve()` never resolves on a new connection: `begin` does.
    fetch_types: ownTypes === true,
    types: int8AsNumber === true ? { date: DATE, int8: INT8, ...arrayTypes(Number) } : { date: DATE, ...arrayTypes() },
    ...(readOnly === true ? { prepare: false } : {}),
    ...(idleSeconds === undefined ? {} : { idle_timeout: idleSeconds }),
    ...(retryMs === undefined ? {} : { backoff: (attempt: number) => retryMs(attempt) / 1_000 }),
    ...(onLost === undefined ? {} : { onclose: onLost }),
    connection: {
      application_name: name,
      TimeZone: 'UTC',
      ...(statementMs === undefined ? {} : { statement_timeout: statementMs }),
      ...(readOnly === true ? { default_transaction_read_only: true } : {}),
    },
  };
  return postgres(url, given);
}
