import { PARTITIONED as BEFORE } from './v2.ts';

/** Tables that grow with traffic, by UTC day. */
export const PARTITIONED = [...BEFORE, 'count_hours'] as const;

/**
 * What was counted by the hour, beside the minutes: a day of many routes is then read from 24 rows a key instead of 1,440.
 * Triggers add to it, so that replicas of earlier versions, and counts that come late, are in it too. A statement's rows
 * are all of one shard; writers of one shard take turns, as they do for `evidence` right afterwards, else two of them could
 * wait for each other's rows.
 */
export const v10 = `
create table count_hours (
  hour timestamptz not null,
  key int not null,
  shard smallint not null,
  n bigint not null,
  primary key (hour, key, shard)
) partition by range (hour);
comment on table count_hours is 'sums of counts by the hour (UTC); complete from count_hours_from on';

create table count_hours_from (complete_from timestamptz not null);

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

select ensure_day(to_date(right(c.relname, 8), 'YYYYMMDD'))
from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'counts'::regclass;

create function add_count_hours() returns trigger language plpgsql as $$
begin
  if not exists (select from added) then return null; end if;
  perform pg_advisory_xact_lock(hashtextextended('shadowread.count_hours', (select min(shard) from added)));
  if tg_op = 'INSERT' then
    insert into count_hours as h (hour, key, shard, n)
    select date_trunc('hour', minute, 'UTC'), key, shard, sum(n) from added group by 1, 2, 3 order by 1, 2, 3
    on conflict (hour, key, shard) do update set n = h.n + excluded.n;
  else
    insert into count_hours as h (hour, key, shard, n)
    select date_trunc('hour', minute, 'UTC'), key, shard, sum(n)
    from (select minute, key, shard, n from added union all select minute, key, shard, -n from former) x
    group by 1, 2, 3 order by 1, 2, 3
    on conflict (hour, key, shard) do update set n = h.n + excluded.n;
  end if;
  return null;
end $$;
alter function add_count_hours() set search_path from current;

create trigger inserted after insert on counts referencing new table as added
  for each statement execute function add_count_hours();
create trigger updated after update on counts referencing old table as former new table as added
  for each statement execute function add_count_hours();

-- Two days, which is what gates and overviews read; a journal of three months would keep the first writer waiting.
insert into count_hours_from select case when exists (select from counts where minute < since) then since else '-infinity' end
  from (select date_trunc('hour', now(), 'UTC') - interval '2 days' as since) x;
insert into count_hours (hour, key, shard, n)
  select date_trunc('hour', minute, 'UTC'), key, shard, sum(n) from counts
  where minute >= (select complete_from from count_hours_from) group by 1, 2, 3;
`;
