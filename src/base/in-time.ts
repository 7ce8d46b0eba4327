/** Waiting no longer than a limit, for servers that are silent: connected, or half connected, and without a word. */
import type { Sql } from 'postgres';
import { renewPool } from './postgres.ts';

/** Nothing came in time; whether it was done nobody knows. */
export class NoAnswer extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

/** Waits at most `ms`: nobody may wait for a connection that is neither accepted nor refused. @throws NoAnswer */
export async function within<T>(ms: number, work: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(ms)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The same for work on a pool of `openPostgresPool`, which gets new connections then: those of a network that has forgotten
 * them stay silent for a quarter of an hour, and what is asked later would wait behind.
 */
export async function inTime<T>(sql: Sql, ms: number, work: PromiseLike<T>): Promise<T> {
  try {
    return await within(ms, work);
  } catch (error) {
    if (error instanceof NoAnswer) renewPool(sql);
    throw error;
  }
}
