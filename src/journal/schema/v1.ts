/**
 * First version of the journal's tables. Rows that grow with traffic (`counts`, `histograms`, `fingerprint_counts`,
 * `control_counts`, `mismatches`) are partitioned by UTC day, so that retention drops tables instead of deleting rows.
 * Totals per epoch (`evidence`, `evidence_histograms`, `coverage`, `fingerprint_evidence`) grow with routes only, so
 * that a gate reads a few hundred rows whatever the traffic was.
 *
 * `shard` spreads the hot counters of many replicas over a few rows each; readers sum them.
 */
export const PARTITIONED = ['counts', 'histograms', 'fingerprint_counts', 'control_counts', 'mismatches'] as const;

export const v1 = `
create table epochs (
  id int generated always as identity primary key,
  domain text not null,
  ordinal int not null,
  backfill text,
  twin_build text,
  rules text,
  began_at timestamptz not null,
  last_seen timestamptz not null,
  unique (domain, ordinal)
);

create table count_keys (
  id int generated always as identity primary key,
  domain text not null,
  route text not null,
  served text not null,
  representation text not null,
  verdict text not null,
  reason text not null,
  fatal boolean not null,
  epoch int not null references epochs,
  unique (domain, route, served, representation, verdict, reason, fatal, epoch)
);
create index on count_keys (epoch);

create table counts (
  minute timestamptz not null,
  key int not null,
  shard smallint not null,
  n bigint not null,
  primary key (minute, key, shard)
) partition by range (minute);

create table evidence (
  key int not null references count_keys,
  shard smallint not null,
  n bigint not null,
  last_at timestamptz not null,
  primary key (key, shard)
);

create table series (
  id int generated always as identity primary key,
  domain text not null,
  route text not null,
  measure text not null,
  served text not null,
  representation text not null,
  epoch int not null references epochs,
  unique (domain, route, measure, served, representation, epoch)
);
create index on series (epoch);

-- One bucket is (index << 40 | count): one array column merges with one expression.
create table histograms (
  minute timestamptz not null,
  series int not null,
  shard smallint not null,
  buckets bigint[] not null,
  sum double precision not null,
  primary key (minute, series, shard)
) partition by range (minute);

create table evidence_histograms (
  series int not null references series,
  shard smallint not null,
  buckets bigint[] not null,
  sum double precision not null,
  primary key (series, shard)
);

create function merge_buckets(a bigint[], b bigint[]) returns bigint[] language sql immutable parallel safe as $$
  select coalesce(array_agg((i << 40) | s order by i), '{}') from (
    select v >> 40 as i, sum(v & 1099511627775)::bigint as s from unnest(a || b) as v group by 1
  ) as merged
$$;

create aggregate merge_all_buckets(bigint[]) (sfunc = array_cat, stype = bigint[], initcond = '{}');

create table shapes (
  id int generated always as identity primary key,
  domain text not null,
  route text not null,
  shape text not null,
  unique (domain, route, shape)
);

create table coverage (
  epoch int not null references epochs,
  shape int not null references shapes,
  shard smallint not null,
  seen bigint not null,
  compared bigint not null,
  mismatches bigint not null,
  entities bigint not null default 0,
  answers bigint not null default 0,
  units bigint not null default 0,
  lost_units bigint not null default 0,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  primary key (epoch, shape, shard)
);

-- How many comparisons a shape had when it last brought something new.
create table coverage_news (
  epoch int not null references epochs,
  shape int not null references shapes,
  compared bigint not null,
  primary key (epoch, shape)
);

-- kind: 0 entity, 1 answer, 2 unit (entity and answer together); fingerprint: the mismatch this unit once was.
create table distinct_hashes (
  epoch int not null,
  shape int not null,
  kind smallint not null,
  hash bigint not null,
  fingerprint text,
  primary key (epoch, shape, kind, hash)
);
create index on distinct_hashes (epoch, fingerprint) where fingerprint is not null;

create table mismatches (
  id text not null,
  at timestamptz not null,
  exchange_id text not null,
  domain text not null,
  route text not null,
  served text not null,
  representation text not null,
  fingerprint text not null,
  cause text not null,
  fatal boolean not null,
  epoch int not null,
  trace_id text not null,
  difference_count int not null,
  verdict jsonb not null,
  evidence bytea,
  evidence_expires timestamptz,
  primary key (at, id)
) partition by range (at);
create index on mismatches (domain, at desc, id desc);
create index on mismatches (route, at desc, id desc);
create index on mismatches (fingerprint, at desc, id desc);

create table fingerprints (
  fingerprint text primary key,
  domain text not null,
  route text not null,
  kinds text[] not null,
  sample jsonb not null,
  fatal boolean not null,
  state text not null default 'open' check (state in ('open', 'acknowledged', 'fixed')),
  owner text,
  reason text,
  expires_at timestamptz,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  n bigint not null,
  regressed boolean not null default false,
  fixed_at timestamptz,
  last_mismatch text,
  updated_by text,
  updated_at timestamptz,
  check (state <> 'acknowledged' or (owner is not null and reason is not null and expires_at is not null))
);
create index on fingerprints (domain, last_seen desc);

create table fingerprint_counts (
  hour timestamptz not null,
  fingerprint text not null,
  epoch int not null,
  served text not null,
  representation text not null,
  cause text not null,
  n bigint not null,
  primary key (hour, fingerprint, epoch, served, representation, cause)
) partition by range (hour);
create index on fingerprint_counts (fingerprint, hour);

create table fingerprint_evidence (
  epoch int not null references epochs,
  fingerprint text not null,
  served text not null,
  representation text not null,
  n bigint not null,
  last_at timestamptz not null,
  primary key (epoch, fingerprint, served, representation)
);

create table control_counts (
  minute timestamptz not null,
  domain text not null,
  route text not null,
  n bigint not null,
  disagreed bigint not null,
  primary key (minute, domain, route)
) partition by range (minute);

create table control_paths (
  route text not null,
  path text not null,
  n bigint not null,
  last_at timestamptz not null,
  primary key (route, path)
);

create table failures (
  domain text not null,
  route text not null,
  verdict text not null,
  reason text not null,
  n bigint not null,
  last_at timestamptz not null,
  detail text,
  trace_id text,
  primary key (domain, route, verdict, reason)
);

create table instances (
  instance text primary key,
  started_at timestamptz not null,
  applied bigint not null,
  heartbeat timestamptz not null,
  watermark timestamptz not null,
  skew_ms double precision not null,
  dropped_evidence bigint not null,
  stopped_at timestamptz
);
create index on instances (heartbeat);

create table decisions (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  domain text not null,
  outcome text not null check (outcome in ('pass', 'fail', 'undecided')),
  decision jsonb not null,
  evidence jsonb not null,
  config_digest text not null,
  who text not null
);
create index on decisions (domain, id desc);

create table stages (
  domain text primary key,
  stage text not null check (stage in ('off', 'shadow', 'flipped')),
  percent int not null check (percent between 0 and 100),
  version bigint not null,
  changed_by text not null,
  reason text,
  override boolean not null default false,
  decision bigint references decisions,
  at timestamptz not null default clock_timestamp()
);

create table control (
  name text primary key,
  value jsonb not null,
  version bigint not null,
  changed_by text not null,
  at timestamptz not null default clock_timestamp()
);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  who text not null,
  what text not null,
  subject text not null,
  before jsonb,
  after jsonb,
  reason text
);
create index on audit (subject, id desc);

create sequence change_version;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger append_only before update or delete on decisions for each row execute function refuse_change();
create trigger append_only_all before truncate on decisions for each statement execute function refuse_change();
create trigger append_only before update or delete on audit for each row execute function refuse_change();
create trigger append_only_all before truncate on audit for each statement execute function refuse_change();

create function announce_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('shadowread_change', tg_table_name);
  return null;
end $$;
create trigger announce after insert or update on stages for each statement execute function announce_change();
create trigger announce after insert or update on control for each statement execute function announce_change();

-- The epoch of a piece of evidence. A part that is null is not known to the writer: it fits any epoch, and an epoch's
-- own null part is filled in by the first who knows. Only a combination never seen before begins an epoch.
create function epoch_of(p_domain text, p_backfill text, p_build text, p_rules text, p_at timestamptz) returns int
language plpgsql as $$
declare
  found epochs%rowtype;
begin
  for attempt in 1..2 loop
    select * into found from epochs e
    where e.domain = p_domain
      and (p_backfill is null or e.backfill is null or e.backfill = p_backfill)
      and (p_build is null or e.twin_build is null or e.twin_build = p_build)
      and (p_rules is null or e.rules is null or e.rules = p_rules)
    order by (e.backfill is not null and p_backfill is not null)::int + (e.twin_build is not null and p_build is not null)::int
      + (e.rules is not null and p_rules is not null)::int desc, e.last_seen desc, e.ordinal desc
    limit 1;
    if found.id is not null
      and (found.backfill is not null or p_backfill is null)
      and (found.twin_build is not null or p_build is null)
      and (found.rules is not null or p_rules is null) then
      return found.id;
    end if;
    if attempt = 1 then
      perform pg_advisory_xact_lock(hashtextextended('shadowread.epoch.' || p_domain, 0));
    end if;
  end loop;
  if found.id is not null then
    update epochs set backfill = coalesce(backfill, p_backfill), twin_build = coalesce(twin_build, p_build),
      rules = coalesce(rules, p_rules) where id = found.id;
    return found.id;
  end if;
  insert into epochs (domain, ordinal, backfill, twin_build, rules, began_at, last_seen)
  select p_domain, coalesce(max(ordinal), 0) + 1, p_backfill, p_build, p_rules, p_at, p_at
  from epochs where domain = p_domain
  returning id into found.id;
  return found.id;
end $$;

-- Creates the day's partitions where they are missing.
create function ensure_day(p_day date) returns void language plpgsql as $$
declare
  parent text;
  part text;
begin
  foreach parent in array array['${PARTITIONED.join("', '")}'] loop
    part := parent || '_' || to_char(p_day, 'YYYYMMDD');
    if to_regclass('shadowread.' || part) is null then
      perform pg_advisory_xact_lock(hashtextextended('shadowread.day', 0));
      if to_regclass('shadowread.' || part) is null then
        execute format('create table %I partition of %I for values from (%L) to (%L)', part, parent,
          p_day::text || ' 00:00:00+00', (p_day + 1)::text || ' 00:00:00+00');
      end if;
    end if;
  end loop;
end $$;
alter function merge_buckets(bigint[], bigint[]) set search_path from current;
alter function epoch_of(text, text, text, text, timestamptz) set search_path from current;
alter function ensure_day(date) set search_path from current;
alter function announce_change() set search_path from current;
`;
