/** What every handler and write of the reference API is given. */
import type { Connection } from 'mongoose';
import type { Models } from './models/index.ts';

export interface ReferenceContext {
  readonly models: Models;
  readonly connection: Connection;
  /** The clock of time-dependent answers (ages, time to live). */
  now(): Date;
  /** `ORACLE_QUOTING_ENABLED`: whether a created payment gets oracle quotes. */
  readonly oracleQuoting: boolean;
}
