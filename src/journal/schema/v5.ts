/**
 * Faults: what an engineer repairs. One row for each stored fact that is wrong, or for each place of a route that no row
 * explains, and beside it the routes that show it.
 */
export const v5 = `
create table faults (
  fault text primary key,
  domain text not null,
  cause text not null,
  collection text,
  entity text,
  field text,
  route text,
  fingerprint text,
  sample jsonb,
  fatal boolean not null,
  others boolean not null default false,
  state text not null default 'open' check (state in ('open', 'acknowledged', 'repaired', 'returned')),
  owner text,
  reason text,
  expires_at timestamptz,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  n bigint not null,
  last_mismatch text,
  repaired_at timestamptz,
  updated_by text,
  updated_at timestamptz,
  check (state <> 'acknowledged' or (owner is not null and reason is not null and expires_at is not null))
);
create index on faults (domain, last_seen desc);

create table fault_routes (
  fault text not null references faults on delete cascade,
  route text not null,
  n bigint not null,
  last_at timestamptz not null,
  primary key (fault, route)
);
`;
