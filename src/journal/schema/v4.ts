/** A person may begin new evidence: the epochs of the domain are closed, and no evidence is put into them any more. */
export const v4 = `
alter table epochs add column closed_at timestamptz;

create or replace function epoch_of(p_domain text, p_backfill text, p_build text, p_rules text, p_at timestamptz) returns int
language plpgsql as $$
declare
  found epochs%rowtype;
begin
  for attempt in 1..2 loop
    select * into found from epochs e
    where e.domain = p_domain and e.closed_at is null
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
alter function epoch_of(text, text, text, text, timestamptz) set search_path from current;
`;
