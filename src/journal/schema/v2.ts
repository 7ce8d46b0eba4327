import { PARTITIONED as BEFORE } from './v1.ts';

/** Tables that grow with traffic, by UTC day. */
export const PARTITIONED = [...BEFORE, 'combination_counts'] as const;

/**
 * A fingerprint is one pattern at one path, and a mismatch has several. Which ones came together is kept beside them:
 * a mismatch counts as accepted only where all of its patterns are, and that cannot be told from counts by pattern.
 * What was a fingerprint before becomes a combination of itself alone.
 */
export const v2 = `
create table combinations (
  combination text primary key,
  domain text not null,
  route text not null,
  fingerprints text[] not null
);
create index on combinations (route);

create table combination_counts (
  hour timestamptz not null,
  combination text not null,
  epoch int not null,
  served text not null,
  representation text not null,
  n bigint not null,
  primary key (hour, combination, epoch, served, representation)
) partition by range (hour);

create table combination_evidence (
  epoch int not null references epochs,
  combination text not null,
  served text not null,
  representation text not null,
  n bigint not null,
  primary key (epoch, combination, served, representation)
);

alter table fingerprints add column others boolean not null default false;
create index on fingerprints (route);
create index on shapes (route);
alter table mismatches add column fingerprints text[];
create index on mismatches using gin (fingerprints);

do $$
declare
  day date;
begin
  for day in select distinct (hour at time zone 'UTC')::date from fingerprint_counts loop
    execute format('create table %I partition of combination_counts for values from (%L) to (%L)',
      'combination_counts_' || to_char(day, 'YYYYMMDD'), day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
  end loop;
end $$;

insert into combinations select fingerprint, domain, route, array[fingerprint] from fingerprints;
insert into combination_counts
  select hour, fingerprint, epoch, served, representation, sum(n) from fingerprint_counts group by 1, 2, 3, 4, 5;
insert into combination_evidence select epoch, fingerprint, served, representation, n from fingerprint_evidence;
update mismatches set fingerprints = array[fingerprint];
alter table distinct_hashes rename column fingerprint to combination;

create or replace function ensure_day(p_day date) returns void language plpgsql as $$
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
alter function ensure_day(date) set search_path from current;
`;
