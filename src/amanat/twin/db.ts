import type { Sql } from 'postgres';
import { openPostgresPool } from '../../base/postgres.ts';

/** The twin's connections: counts are numbers, numerics stay text. */
export function openDatabase(url: string, max = 10): Sql {
  return openPostgresPool(url, { name: 'shadowread-twin', max, int8AsNumber: true });
}
