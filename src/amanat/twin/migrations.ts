import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Sql } from 'postgres';

/**
 * One migration that drizzle-kit wrote. What is applied is kept in Drizzle's own table, in Drizzle's way, so that its tools
 * find it; its migrator itself takes a second and 200 MB to load.
 */
interface Migration {
  /** Epoch ms; they are applied in this order. */
  readonly when: number;
  readonly text: string;
}

/** Applies each migration that is newer than the last one applied, all in one transaction. */
export async function applyMigrations(sql: Sql): Promise<void> {
  const last = await lastApplied(sql);
  const wanted = migrations().filter(({ when }) => last === null || when > last);
  if (wanted.length === 0) return;
  await sql.unsafe(`
    create schema if not exists drizzle;
    create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`);
  await sql.begin(async (tx) => {
    for (const { when, text } of wanted) {
      for (const statement of text.split('--> statement-breakpoint')) await tx.unsafe(statement);
      await tx`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash('sha256', text)}, ${when})`;
    }
  });
}

/** Null where none was. */
async function lastApplied(sql: Sql): Promise<number | null> {
  const [there] = await sql<
    { name: string | null }[]
  >`select to_regclass('drizzle.__drizzle_migrations')::text as name`;
  if (there?.name == null) return null;
  const [applied] = await sql<{ last: number | null }[]>`
    select max(created_at)::float8 as last from drizzle.__drizzle_migrations`;
  return applied?.last ?? null;
}

function migrations(): readonly Migration[] {
  const read = (path: string): string => readFileSync(new URL(`./migrations/${path}`, import.meta.url), 'utf8');
  const { entries }: { readonly entries: readonly { readonly when: number; readonly tag: string }[] } = JSON.parse(
    read('meta/_journal.json'),
  );
  return entries
    .map(({ when, tag }) => ({ when, text: read(`${tag}.sql`) }))
    .toSorted((one, other) => one.when - other.when);
}
