/** The fingerprints in a batch: how often each was seen, and which came together. */
import type postgres from 'postgres';
import { OTHERS, othersFingerprint } from '../rules/digest.ts';
import type { Batch, CombinationEntry, FingerprintEntry } from './batch.ts';
import type { BatchKeys } from './keys.ts';
import { iso } from './read/rows.ts';
import { jsonFor } from './text.ts';

export async function fingerprints(tx: postgres.ISql, batch: Batch, keys: BatchKeys): Promise<void> {
  await seen(tx, batch, keys);
  await counted(tx, batch, keys);
  await together(tx, batch, keys);
}

async function seen(tx: postgres.ISql, batch: Batch, keys: BatchKeys): Promise<void> {
  if (batch.fingerprints.length === 0) return;
  const times = new Map<string, number>();
  for (const { fingerprint, n } of batch.combinations.flatMap((entry) => each(entry, keys)))
    times.set(fingerprint, (times.get(fingerprint) ?? 0) + n);
  const named = underTheirNames([...batch.fingerprints, ...tooManyTogether(batch, keys)], keys);
  const rows = [...named].map(([fingerprint, entry]) => ({
    fingerprint,
    domain: entry.domain,
    route: entry.route,
    kinds: entry.kinds,
    sample: [entry.sample],
    others: entry.sample.path === OTHERS,
    fatal: entry.fatal,
    first: iso(entry.firstAt),
    last: iso(entry.lastAt),
    n: times.get(fingerprint) ?? 0,
    lastMismatch: entry.lastMismatch,
  }));
  await tx`
    insert into shadowread.fingerprints as f
      (fingerprint, domain, route, kinds, sample, others, fatal, first_seen, last_seen, n, last_mismatch)
    select fingerprint, domain, route, array(select jsonb_array_elements_text(kinds)), sample, others, fatal, first, last, n, "lastMismatch"
    from jsonb_to_recordset(${jsonFor(rows)}::text::jsonb) as x(fingerprint text, domain text, route text, kinds jsonb,
      sample jsonb, others bool, fatal bool, first timestamptz, last timestamptz, n bigint, "lastMismatch" text)
    order by fingerprint
    on conflict (fingerprint) do update set
      n = f.n + excluded.n, fatal = f.fatal or excluded.fatal,
      kinds = case when f.others then array(select distinct unnest(f.kinds || excluded.kinds) order by 1) else f.kinds end,
      first_seen = least(f.first_seen, excluded.first_seen), last_seen = greatest(f.last_seen, excluded.last_seen),
      last_mismatch = case when excluded.last_seen >= f.last_seen then excluded.last_mismatch else f.last_mismatch end,
      regressed = f.regressed or (f.state = 'fixed' and excluded.last_seen > f.fixed_at),
      state = case when f.state = 'fixed' and excluded.last_seen > f.fixed_at then 'open' else f.state end`;
}

/** Combinations for which a route has no room count under its `others`, which must then exist. */
function tooManyTogether(batch: Batch, keys: BatchKeys): FingerprintEntry[] {
  const entries = new Map(batch.fingerprints.map((entry) => [entry.fingerprint, entry]));
  return batch.combinations.flatMap((combination) => {
    const { route, fingerprints: of } = combination;
    const fingerprint = othersFingerprint(route);
    const first = entries.get(of[0] ?? '');
    const alone = of.length > 1 && keys.combination(route, of).id === fingerprint;
    if (!alone || first === undefined) return [];
    return [{ ...first, fingerprint, sample: { ...first.sample, path: OTHERS, measure: { of: 'none' } } }];
  });
}

type Merged = FingerprintEntry & { readonly kinds: readonly string[] };

/** Those without room are summed under the `others` of their route. */
function underTheirNames(entries: readonly FingerprintEntry[], keys: BatchKeys): ReadonlyMap<string, Merged> {
  const merged = new Map<string, Merged>();
  for (const entry of entries) {
    const name = keys.fingerprint(entry.route, entry.fingerprint);
    const held = merged.get(name);
    const { kind, rule } = entry.sample;
    const sample =
      name === entry.fingerprint ? entry.sample : { path: OTHERS, kind, rule, measure: { of: 'none' } as const };
    if (held === undefined) {
      merged.set(name, { ...entry, sample, kinds: [kind] });
      continue;
    }
    const later = entry.lastAt >= held.lastAt ? entry : held;
    merged.set(name, {
      ...held,
      kinds: [...new Set([...held.kinds, kind])].sort(),
      fatal: held.fatal || entry.fatal,
      firstAt: Math.min(held.firstAt, entry.firstAt),
      lastAt: later.lastAt,
      lastMismatch: later.lastMismatch,
    });
  }
  return merged;
}

/** A mismatch counts once for each of its fingerprints, and once for all that have no name of their own. */
function each(entry: CombinationEntry, keys: BatchKeys): (CombinationEntry & { readonly fingerprint: string })[] {
  const { fingerprints: of } = keys.combination(entry.route, entry.fingerprints);
  return of.map((fingerprint) => ({ ...entry, fingerprint }));
}

async function counted(tx: postgres.ISql, batch: Batch, keys: BatchKeys): Promise<void> {
  if (batch.combinations.length === 0) return;
  const rows = batch.combinations
    .flatMap((entry) => each(entry, keys))
    .map((entry) => ({
      hour: iso(entry.hour),
      epoch: keys.epoch(entry.about),
      fingerprint: entry.fingerprint,
      served: entry.served,
      representation: entry.representation,
      cause: entry.cause,
      n: entry.n,
      last: iso(entry.lastAt),
    }));
  const json = jsonFor(rows);
  await tx`
    insert into shadowread.fingerprint_counts as c (hour, fingerprint, epoch, served, representation, cause, n)
    select hour, fingerprint, epoch, served, representation, cause, sum(n) from jsonb_to_recordset(${json}::text::jsonb)
      as x(hour timestamptz, fingerprint text, epoch int, served text, representation text, cause text, n bigint)
    group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6
    on conflict (hour, fingerprint, epoch, served, representation, cause) do update set n = c.n + excluded.n`;
  await tx`
    insert into shadowread.fingerprint_evidence as e (epoch, fingerprint, served, representation, n, last_at)
    select epoch, fingerprint, served, representation, sum(n), max(last) from jsonb_to_recordset(${json}::text::jsonb)
      as x(epoch int, fingerprint text, served text, representation text, n bigint, last timestamptz)
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (epoch, fingerprint, served, representation) do update
      set n = e.n + excluded.n, last_at = greatest(e.last_at, excluded.last_at)`;
}

async function together(tx: postgres.ISql, batch: Batch, keys: BatchKeys): Promise<void> {
  const named = [
    ...batch.combinations,
    ...batch.hashes.flatMap(({ about, route, differs }) =>
      differs === null ? [] : [{ about, route, fingerprints: differs }],
    ),
  ].map(({ about, route, fingerprints: of }) => {
    const { id, fingerprints: held } = keys.combination(route, of);
    return { combination: id, domain: about.domain, route, fingerprints: held };
  });
  if (named.length > 0) {
    await tx`
      insert into shadowread.combinations (combination, domain, route, fingerprints)
      select distinct on (combination) combination, domain, route, array(select jsonb_array_elements_text(fingerprints))
      from jsonb_to_recordset(${jsonFor(named)}::text::jsonb)
        as x(combination text, domain text, route text, fingerprints jsonb) order by combination
      on conflict do nothing`;
  }
  if (batch.combinations.length === 0) return;
  const json = jsonFor(
    batch.combinations.map((entry) => ({
      hour: iso(entry.hour),
      epoch: keys.epoch(entry.about),
      combination: keys.combination(entry.route, entry.fingerprints).id,
      served: entry.served,
      representation: entry.representation,
      n: entry.n,
    })),
  );
  await tx`
    insert into shadowread.combination_counts as c (hour, combination, epoch, served, representation, n)
    select hour, combination, epoch, served, representation, sum(n) from jsonb_to_recordset(${json}::text::jsonb)
      as x(hour timestamptz, combination text, epoch int, served text, representation text, n bigint)
    group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    on conflict (hour, combination, epoch, served, representation) do update set n = c.n + excluded.n`;
  await tx`
    insert into shadowread.combination_evidence as e (epoch, combination, served, representation, n)
    select epoch, combination, served, representation, sum(n) from jsonb_to_recordset(${json}::text::jsonb)
      as x(epoch int, combination text, served text, representation text, n bigint)
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (epoch, combination, served, representation) do update set n = e.n + excluded.n`;
}
