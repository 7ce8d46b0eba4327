/** The faults in a batch, and the routes that show each. Counts are only added, so that any replica may write. */
import type postgres from 'postgres';
import { otherFaults } from '../base/fault-of.ts';
import type { Batch, FaultEntry } from './batch.ts';
import { FAULT_TRANSITIONS } from './fault-states.ts';
import type { BatchKeys } from './keys.ts';
import { iso } from './read/rows.ts';
import { jsonFor } from './text.ts';

export async function faults(tx: postgres.ISql, batch: Batch, keys: BatchKeys): Promise<void> {
  if (batch.faults.length === 0) return;
  const named = batch.faults.map((entry) => roomFor(entry, keys));
  const rows = [...merged(named)].map((entry) => ({
    ...entry.fault,
    others: entry.others,
    first: iso(entry.firstAt),
    last: iso(entry.lastAt),
    n: entry.n,
    lastMismatch: entry.lastMismatch,
  }));
  await tx`
    insert into shadowread.faults as f
      (fault, domain, cause, collection, entity, field, route, fingerprint, sample, fatal, others, first_seen, last_seen, n, last_mismatch)
    select id, domain, cause, collection, entity, field, route, fingerprint, sample, fatal, others, first, last, n, "lastMismatch"
    from jsonb_to_recordset(${jsonFor(rows)}::text::jsonb) as x(id text, domain text, cause text, collection text, entity text,
      field text, route text, fingerprint text, sample jsonb, fatal bool, others bool, first timestamptz, last timestamptz,
      n bigint, "lastMismatch" text)
    order by id
    on conflict (fault) do update set
      n = f.n + excluded.n, fatal = f.fatal or excluded.fatal,
      cause = case when excluded.last_seen >= f.last_seen then excluded.cause else f.cause end,
      sample = case when excluded.last_seen >= f.last_seen then excluded.sample else f.sample end,
      first_seen = least(f.first_seen, excluded.first_seen), last_seen = greatest(f.last_seen, excluded.last_seen),
      last_mismatch = case when excluded.last_seen >= f.last_seen then excluded.last_mismatch else f.last_mismatch end,
      state = case when excluded.last_seen > coalesce(f.repaired_at, '-infinity')
        then ${jsonFor(FAULT_TRANSITIONS.shown)}::text::jsonb ->> f.state else f.state end`;
  const routes = jsonFor(
    named.map(({ fault, onRoute: shownOn, n, lastAt, lastMismatch }) => ({
      fault: fault.id,
      route: shownOn,
      n,
      last: iso(lastAt),
      mismatch: lastMismatch,
    })),
  );
  await tx`
    insert into shadowread.fault_routes as r (fault, route, n, last_at, last_mismatch)
    select fault, route, sum(n), max(last), (array_agg(mismatch order by last desc))[1]
    from jsonb_to_recordset(${routes}::text::jsonb)
      as x(fault text, route text, n bigint, last timestamptz, mismatch text)
    group by 1, 2 order by 1, 2
    on conflict (fault, route) do update set n = r.n + excluded.n, last_at = greatest(r.last_at, excluded.last_at),
      last_mismatch = case when excluded.last_at >= r.last_at then excluded.last_mismatch else r.last_mismatch end`;
}

type Named = FaultEntry & { readonly others: boolean };

function roomFor(entry: FaultEntry, keys: BatchKeys): Named {
  const { fault } = entry;
  const others = otherFaults(fault.domain);
  const room = keys.hasRoomFor(fault);
  return room && fault.id !== others.id ? { ...entry, others: false } : { ...entry, fault: others, others: true };
}

function merged(entries: readonly Named[]): Iterable<Named> {
  const byId = new Map<string, Named>();
  for (const entry of entries) {
    const held = byId.get(entry.fault.id);
    if (held === undefined) {
      byId.set(entry.fault.id, { ...entry });
      continue;
    }
    const later = entry.lastAt >= held.lastAt ? entry : held;
    byId.set(entry.fault.id, {
      ...later,
      fault: { ...later.fault, fatal: held.fault.fatal || entry.fault.fatal },
      n: held.n + entry.n,
      firstAt: Math.min(held.firstAt, entry.firstAt),
    });
  }
  return byId.values();
}
