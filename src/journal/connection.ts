import type postgres from 'postgres';
import { codeOf, openPostgresPool, renewPool } from '../base/postgres.ts';
import { messageOf, ShadowError } from '../errors.ts';

export interface ConnectOptions {
  readonly max?: number;
  readonly name?: string;
  readonly statementMs?: number;
  /** A new pool has replaced one that lost a connection: call `listen` again. */
  readonly onRenewed?: () => void;
}

/** Connections to the journal. Statements end after ten seconds unless told otherwise, so that a slow journal is noticed. */
export function connectJournal(url: string, options: ConnectOptions = {}): postgres.Sql {
  return openPostgresPool(url, {
    name: options.name ?? 'shadowread',
    max: options.max ?? 2,
    statementMs: options.statementMs ?? 10_000,
    idleSeconds: 300,
    // One second at most: the driver's own pauses grow to twenty seconds, and each query waits for them.
    retryMs: (attempt) => Math.min(1_000, 3 ** attempt * 10),
    ...(options.onRenewed === undefined ? {} : { onRenewed: options.onRenewed }),
  });
}

/** SQLSTATE of a server that takes no writes. */
const READ_ONLY = '25006';

/**
 * To be called with what a statement of `connectJournal` threw. After a failover the old server may live on as a
 * standby, and its connections with it: only new ones find the server that takes writes, by the same name.
 */
export function leaveStandby(sql: postgres.Sql, thrown: unknown): void {
  if (codeOf(thrown) === READ_ONLY) renewPool(sql);
}

/** Turns what the driver throws into the one error of a journal that cannot be read. */
export function journalError(thrown: unknown): ShadowError {
  if (thrown instanceof ShadowError) return thrown;
  // A table, schema, column or function that is not there.
  const missing = /^(?:42P01|3F000|42703|42883)$/.test(codeOf(thrown));
  return new ShadowError('SHADOW_JOURNAL', 'the journal cannot be read', {
    expected: 'a Postgres with the schema shadowread at SHADOWREAD_JOURNAL_URL',
    actual: missing
      ? 'a database without that schema, or with one of an earlier version (no proxy of this version has written to it yet)'
      : messageOf(thrown),
    example: 'postgres://user:password@127.0.0.1:5432/shadowread',
    exit: 2,
    cause: thrown,
  });
}
