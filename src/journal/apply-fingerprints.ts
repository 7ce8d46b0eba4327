/** The part of a batch that engineers work on: fingerprints, and how often each was seen. */
import type postgres from 'postgres';
import type { Batch } from './batch.ts';
import type { BatchKeys } from './keys.ts';
import { iso } from './read/rows.ts';
import { jsonFor } from './text.ts';

export async function fingerprints(tx: postgres.ISql, batch: Batch, keys: BatchKeys): Promise<void> {
  if (batch.fingerprints.length > 0) {
    const rows = batch.fingerprints.map((entry) => ({ ...entry, first: iso(entry.firstAt), last: iso(entry.lastAt) }));
    await tx`
      insert into shadowread.fingerprints as f
        (fingerprint, domain, route, kinds, sample, fatal, first_seen, last_seen, n, last_mismatch)
      select fingerprint, domain, route, array(select jsonb_array_elements_text(kinds)), sample, fatal, first, last, n, "lastMismatch"
      from jsonb_to_recordset(${jsonFor(rows)}::text::jsonb) as x(fingerprint text, domain text, route text, kinds jsonb,
        sample jsonb, fatal bool, first timestamptz, last timestamptz, n bigint, "lastMismatch" text)
      order by fingerprint
      on conflict (fingerprint) do update set
        n = f.n + excluded.n, fatal = f.fatal or excluded.fatal,
        first_seen = least(f.first_seen, excluded.first_seen), last_seen = greatest(f.last_seen, excluded.last_seen),
        last_mismatch = case when excluded.last_seen >= f.last_seen then excluded.last_mismatch else f.last_mismatch end,
        regressed = f.regressed or (f.state = 'fixed' and excluded.last_seen > f.fixed_at),
        state = case when f.state = 'fixed' and excluded.last_seen > f.fixed_at then 'open' else f.state end`;
  }
  if (batch.fingerprintCounts.length === 0) return;
  const rows = batch.fingerprintCounts.map((entry) => ({
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
