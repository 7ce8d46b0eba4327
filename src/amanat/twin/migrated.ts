import { readFileSync } from 'node:fs';
import type { Sql } from 'postgres';

/** True where every migration was applied. Needs no Drizzle, whose migrator alone takes 200 MB. */
export async function isMigrated(sql: Sql): Promise<boolean> {
  const [there] = await sql<
    { name: string | null }[]
  >`select to_regclass('drizzle.__drizzle_migrations')::text as name`;
  if (there?.name == null) return false;
  const [applied] = await sql<{ last: number | null }[]>`
    select max(created_at)::float8 as last from drizzle.__drizzle_migrations`;
  const journal: unknown = JSON.parse(
    readFileSync(new URL('./migrations/meta/_journal.json', import.meta.url), 'utf8'),
  );
  return (applied?.last ?? 0) >= lastOf(journal);
}

function lastOf(journal: unknown): number {
  if (typeof journal !== 'object' || journal === null || !('entries' in journal) || !Array.isArray(journal.entries)) {
    return Number.POSITIVE_INFINITY;
  }
  return Math.max(...journal.entries.map((entry: { readonly when?: unknown }) => Number(entry.when)));
}
