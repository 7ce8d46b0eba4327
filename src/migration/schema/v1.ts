/**
 * The tables that the migration itself owns, in addition to the tables of the API whose rows it copies: which row is
 * which document, which writes are missing, how far each command has come. They are created only where they are
 * missing, so that a database of an earlier version, in which the API made them, keeps its rows.
 */
export const v1 = `
create table if not exists backfill_orphans (
  collection text collate "C" not null,
  mongo_id text collate "C" not null,
  path text not null,
  refers_to text collate "C" not null,
  missing_id text collate "C" not null,
  at timestamp with time zone default now() not null,
  constraint backfill_orphans_reference unique(collection,mongo_id,path,missing_id)
);

create table if not exists backfill_progress (
  collection text collate "C" not null,
  phase text collate "C" not null,
  last_id text collate "C",
  done boolean default false not null,
  documents bigint default 0 not null,
  updated_at timestamp with time zone default now() not null,
  constraint backfill_progress_collection_phase_pk primary key(collection,phase)
);

create table if not exists backfill_rejects (
  collection text collate "C" not null,
  mongo_id text collate "C" not null,
  path text not null,
  reason text not null,
  at timestamp with time zone default now() not null,
  constraint backfill_rejects_document unique(collection,mongo_id,path)
);

create table if not exists pg_dualwrite_gaps (
  id bigserial primary key not null,
  collection text collate "C" not null,
  mongo_id text collate "C" not null,
  operation text collate "C" not null,
  error text not null,
  attempts integer default 1 not null,
  at timestamp with time zone default now() not null,
  repaired_at timestamp with time zone
);

create table if not exists id_map (
  collection text collate "C" not null,
  mongo_id char(24) collate "C" not null,
  uuid uuid not null,
  constraint id_map_collection_mongo_id_pk primary key(collection,mongo_id),
  constraint id_map_uuid_unique unique(uuid)
);

create index if not exists pg_dualwrite_gaps_document on pg_dualwrite_gaps using btree (collection,mongo_id);

create table if not exists backfill_runs (
  id uuid primary key not null,
  collections text[] not null,
  started_at timestamp with time zone default now() not null,
  completed_at timestamp with time zone,
  documents bigint,
  rejects integer
);

create table if not exists drain_deferrals (
  collection text collate "C" not null,
  mongo_id text collate "C" not null,
  error text not null,
  attempts integer default 1 not null,
  since timestamp with time zone not null,
  due_at timestamp with time zone not null,
  constraint drain_deferrals_collection_mongo_id_pk primary key(collection,mongo_id)
);

create table if not exists drain_status (
  source text collate "C" primary key not null,
  lag_ms bigint not null,
  drained bigint not null,
  failed bigint not null,
  error text,
  at timestamp with time zone not null,
  resume_token jsonb
);

create table if not exists verify_findings (
  collection text collate "C" not null,
  mongo_id text collate "C" not null,
  kind text collate "C" not null,
  fields text[] default '{}'::text[] not null,
  reason text,
  at timestamp with time zone default now() not null,
  constraint verify_findings_collection_mongo_id_pk primary key(collection,mongo_id)
);

create table if not exists verify_progress (
  collection text collate "C" primary key not null,
  last_id text collate "C",
  done boolean default false not null,
  documents bigint default 0 not null,
  agree bigint default 0 not null,
  sample double precision not null,
  salt text not null,
  updated_at timestamp with time zone default now() not null
);
`;
