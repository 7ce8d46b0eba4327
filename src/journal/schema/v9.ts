/** Pairs of ids that proxies found by consistency: hypotheses that outlive a process and hold for all of them. */
export const v9 = `
create table id_pairs (
  collection text collate "C" not null,
  primary_id text collate "C" not null,
  twin_id text collate "C" not null,
  sightings integer not null,
  seen_at timestamptz not null default clock_timestamp(),
  primary key (collection, primary_id),
  unique (collection, twin_id)
);
create index on id_pairs (seen_at);
`;
