import type { Sql } from 'postgres';
import { openPostgresPool } from '../base/postgres.ts';

/** The migration's connections: revisions and counts are numbers, numerics stay text. */
export function openMigrationDatabase(url: string, max = 4): Sql {
  return openPostgresPool(url, { name: 'shadowread-migration', max, int8AsNumber: true, ownTypes: true });
}
