/** Retention: drops whole days of what grows with traffic, deletes sealed evidence by age and size, and names that nothing refers to. */
import type postgres from 'postgres';
import { inTime } from '../base/in-time.ts';
import { connectJournal, journalError } from './connection.ts';
import { iso } from './read/rows.ts';
import { PARTITIONED } from './schema/v10.ts';

export interface PruneOptions {
  readonly url: string;
  /** Epoch ms by this machine's clock: days that ended before it go. Where the journal's clock is behind, as much earlier. */
  readonly olderThan: number;
  /** Bytes of sealed evidence to keep at most; the oldest goes first. */
  readonly evidenceBytes: number;
}

export interface Pruned {
  readonly partitions: readonly string[];
  /** Mismatches whose sealed evidence was deleted; the redacted rest of them stays. */
  readonly evidence: number;
  /** Distinct hashes of epochs that are not the current one and were last at work before then. */
  readonly hashes: number;
  readonly instances: number;
  /** Fingerprints that no current evidence, kept mismatch or acknowledgement in force refers to. */
  readonly fingerprints: number;
  /** Repaired faults that were last seen before then. */
  readonly faults: number;
  /** Query shapes without evidence. */
  readonly shapes: number;
  /** Noisy paths and failures last seen before then. */
  readonly notes: number;
}

/** A journal that does not answer for longer is down, ms. */
const ANSWER_MS = 15_000;

/** Counts per epoch, decisions and the audit trail are kept: they grow with routes and people. Safe while replicas write. @throws ShadowError SHADOW_JOURNAL */
export async function prune(options: PruneOptions): Promise<Pruned> {
  const sql = connectJournal(options.url, { max: 1, name: 'shadowread prune', statementMs: 600_000 });
  try {
    const [clock] = await inTime(
      sql,
      ANSWER_MS,
      sql<{ now: number }[]>`select extract(epoch from clock_timestamp())::float8 * 1000 as now`,
    );
    const host = Date.now();
    // A clock that is ahead, here or there, must not make days old that are not.
    const now = Math.min(host, clock?.now ?? host);
    const olderThan = Math.max(0, options.olderThan - (host - now));
    const partitions: string[] = [];
    const rows = await sql<{ name: string; parent: string }[]>`
      select c.relname as name, p.relname as parent from pg_inherits i
      join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
      join pg_namespace n on n.oid = p.relnamespace
      where n.nspname = 'shadowread' and p.relname = any(${[...PARTITIONED]}::text[]) and p.relkind = 'p' order by c.relname`;
    for (const { name, parent } of rows) {
      const day = /_(\d{4})(\d{2})(\d{2})$/.exec(name);
      if (day === null || name.slice(0, -9) !== parent) continue;
      const end = Date.UTC(Number(day[1]), Number(day[2]) - 1, Number(day[3]) + 1);
      if (end > olderThan) continue;
      await sql`drop table if exists shadowread.${sql(name)}`;
      partitions.push(name);
    }
    const evidence = await sql`
      update shadowread.mismatches m set evidence = null, evidence_expires = null
      from (select at, id, evidence_expires, sum(length(evidence)) over (order by at desc, id desc) as kept
        from shadowread.mismatches where evidence is not null) e
      where m.at = e.at and m.id = e.id and (e.evidence_expires <= ${iso(now)} or e.kept > ${options.evidenceBytes} or e.at < ${iso(olderThan)})`;
    // If such an epoch comes back, its distinct comparisons are counted from zero; what differed is kept.
    const hashes = await sql`
      with past as (
        select id from shadowread.epochs e where last_seen < ${iso(olderThan)}
          and exists (select from shadowread.epochs l where l.domain = e.domain and l.last_seen > e.last_seen)
      ), less as (
        update shadowread.coverage set entities = 0, answers = 0, units = 0 where epoch in (select id from past) and units > 0
      )
      delete from shadowread.distinct_hashes where epoch in (select id from past) and combination is null`;
    const instances = await sql`
      delete from shadowread.instances where heartbeat < ${iso(Math.min(olderThan, now - 86_400_000))}`;
    return {
      partitions,
      evidence: evidence.count,
      hashes: hashes.count,
      instances: instances.count,
      ...(await names(sql, iso(olderThan))),
    };
  } catch (error) {
    throw journalError(error);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/**
 * Deletes names that nothing refers to. An epoch that is not the current one of its domain and was last used before
 * `before` loses its coverage, except for shapes with mismatches: if the epoch comes back, those still count.
 */
async function names(
  sql: postgres.Sql,
  before: string,
): Promise<Pick<Pruned, 'fingerprints' | 'shapes' | 'notes' | 'faults'>> {
  const past = sql`
    select id from shadowread.epochs e where last_seen < ${before}
      and exists (select from shadowread.epochs l where l.domain = e.domain and l.last_seen > e.last_seen)`;
  await sql`delete from shadowread.coverage where mismatches = 0 and units = 0 and last_seen < ${before} and epoch in (${past})`;
  await sql`delete from shadowread.coverage_news n
    where not exists (select from shadowread.coverage c where c.epoch = n.epoch and c.shape = n.shape)`;
  const shapes = await sql`delete from shadowread.shapes s
    where not exists (select from shadowread.coverage c where c.shape = s.id)
      and not exists (select from shadowread.coverage_news n where n.shape = s.id)
      and not exists (select from shadowread.distinct_hashes d where d.shape = s.id)`;
  const fingerprints = await sql`delete from shadowread.fingerprints f
    where f.last_seen < ${before} and not (f.state = 'acknowledged' and f.expires_at > now())
      and not exists (select from shadowread.fingerprint_evidence e where e.fingerprint = f.fingerprint and e.epoch not in (${past}))`;
  await sql`delete from shadowread.fingerprint_evidence e
    where not exists (select from shadowread.fingerprints f where f.fingerprint = e.fingerprint)`;
  await sql`delete from shadowread.combination_evidence where epoch in (${past})`;
  await sql`delete from shadowread.combinations c
    where not exists (select from shadowread.combination_evidence e where e.combination = c.combination)
      and not exists (select from shadowread.combination_counts n where n.combination = c.combination)
      and not exists (select from shadowread.distinct_hashes d where d.combination = c.combination)`;
  const repaired = await sql`delete from shadowread.faults f where f.last_seen < ${before} and f.state = 'repaired'`;
  const paths = await sql`delete from shadowread.control_paths where last_at < ${before}`;
  const failures = await sql`delete from shadowread.failures where last_at < ${before}`;
  return {
    fingerprints: fingerprints.count,
    shapes: shapes.count,
    notes: paths.count + failures.count,
    faults: repaired.count,
  };
}
