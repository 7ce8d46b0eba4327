import type { Collection, Db } from 'mongodb';
import type { Fields, Stored } from '../../support/mongo-case.ts';

/** What MongoDB answers to one question; `c` is a collection that nothing has written to. */
export interface Fact {
  readonly name: string;
  readonly given?: readonly Fields[];
  readonly before?: (c: Collection<Stored>, db: Db) => Promise<unknown>;
  readonly asked: (c: Collection<Stored>, db: Db) => Promise<unknown>;
  /** The answer with its BSON types, or the codes of the error: of several, versions of MongoDB answer one. */
  readonly answer?: unknown;
  readonly codes?: readonly number[];
}

/** Refused with one of these codes. */
export function refused(
  name: string,
  asked: Fact['asked'],
  codes: readonly number[],
  more: Partial<Pick<Fact, 'given' | 'before'>> = {},
): Fact {
  return { name, asked, codes, ...more };
}
