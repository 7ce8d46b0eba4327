import { PARTITIONED } from './v10.ts';

/**
 * A role that may only write rows makes the tables of a new day, which belong to whoever made the journal: without that it
 * could write until midnight. Whoever may not write counts makes none.
 */
export const v11 = `
create or replace function ensure_day(p_day date) returns void language plpgsql security definer as $$
declare
  parent text;
  part text;
begin
  foreach parent in array array['${PARTITIONED.join("', '")}'] loop
    part := parent || '_' || to_char(p_day, 'YYYYMMDD');
    if to_regclass('shadowread.' || part) is null then
      if not has_table_privilege(session_user, 'shadowread.counts', 'insert') then
        raise exception 'permission denied for table counts' using errcode = 'insufficient_privilege';
      end if;
      perform pg_advisory_xact_lock(hashtextextended('shadowread.day', 0));
      if to_regclass('shadowread.' || part) is null then
        -- After the lock what others have made is still unseen by to_regclass, not by this.
        execute format('create table if not exists %I partition of %I for values from (%L) to (%L)', part, parent,
          p_day::text || ' 00:00:00+00', (p_day + 1)::text || ' 00:00:00+00');
      end if;
    end if;
  end loop;
end $$;
alter function ensure_day(date) set search_path = shadowread, pg_temp;
`;
