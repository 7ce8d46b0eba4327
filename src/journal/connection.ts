import postgres from 'postgres';
import { messageOf, ShadowError } from '../errors.ts';

/** Connections to the journal. Statements end after ten seconds unless told otherwise, so that a slow journal is noticed. */
export function connectJournal(
  url: string,
  options: { readonly max?: number; readonly name?: string; readonly statementMs?: number } = {},
): postgres.Sql {
  return postgres(url, {
    max: options.max ?? 2,
    connect_timeout: 5,
    // A second at most: the driver's own pauses grow to twenty, and whoever looks waits for them.
    backoff: (attempt) => Math.min(1, 3 ** attempt / 100),
    idle_timeout: 300,
    max_lifetime: null,
    onnotice: () => undefined,
    connection: {
      application_name: options.name ?? 'shadowread',
      statement_timeout: options.statementMs ?? 10_000,
      TimeZone: 'UTC',
    },
  });
}

/** Turns what the driver throws into the one error of a journal that cannot be read. */
export function journalError(thrown: unknown): ShadowError {
  if (thrown instanceof ShadowError) return thrown;
  const missing = codeOf(thrown) === '42P01' || codeOf(thrown) === '3F000';
  return new ShadowError('SHADOW_JOURNAL', 'the journal cannot be read', {
    expected: 'a Postgres with the schema shadowread at SHADOWREAD_JOURNAL_URL',
    actual: missing ? 'a database without that schema (no proxy has written to it yet)' : messageOf(thrown),
    example: 'postgres://user:password@127.0.0.1:5432/shadowread',
    exit: 2,
    cause: thrown,
  });
}

/** SQLSTATE or a system's code (`ECONNREFUSED`) of anything thrown. */
export function codeOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : '';
}

/** Waits at most `ms`: a connection that is neither answered nor refused must not hold anyone. */
export async function within<T>(ms: number, work: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
