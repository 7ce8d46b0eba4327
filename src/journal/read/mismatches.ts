/** Mismatches, the newest first, by keyset: every page costs the same. */
import type { Cause, Representation, Side, Verdict } from '../../types.ts';
import { CANDIDATES, oneOf, wholeId } from './ids.ts';
import { iso, type Sql } from './rows.ts';

export interface MismatchFilter {
  readonly domain?: string;
  readonly route?: string;
  /** Any of the mismatch's fingerprints, or a beginning of one that no other has. */
  readonly fingerprint?: string;
  readonly cause?: Cause;
  readonly served?: Side;
  /** Epoch ms: not older than. */
  readonly since?: number;
  /** Id of a mismatch, or a beginning of one that no other has: only older ones. */
  readonly before?: string;
  /** 1..1,000; 50 by default. */
  readonly limit?: number;
}

export interface MismatchRow {
  readonly id: string;
  /** Epoch ms when the client's request arrived. */
  readonly at: number;
  readonly domain: string;
  readonly route: string;
  readonly served: Side;
  readonly representation: Representation;
  /** Of the first pattern. */
  readonly fingerprint: string;
  /** Of each pattern: one mismatch may have several causes. */
  readonly fingerprints: readonly string[];
  readonly cause: Cause;
  readonly fatal: boolean;
  readonly traceId: string;
  readonly differenceCount: number;
  /** Paths of the first differences. */
  readonly paths: readonly string[];
  /** The request for people. */
  readonly request: { readonly method: string; readonly target: string };
  readonly hasEvidence: boolean;
}

export interface MismatchPage {
  readonly rows: readonly MismatchRow[];
  /** Give it as `before` for the next page; null at the end. */
  readonly next: string | null;
}

/** A mismatch with everything that is kept of it, redacted. */
export interface MismatchDetail extends MismatchRow {
  readonly verdict: Omit<Verdict, 'evidence'>;
  readonly epoch: { readonly ordinal: number; readonly twinBuild: string | null; readonly backfill: string | null };
  /** Epoch ms; null where no sealed evidence was kept. */
  readonly evidenceExpires: number | null;
}

/** Sealed evidence of one mismatch, for asking or comparing again. */
export interface SealedEvidence {
  readonly id: string;
  readonly at: number;
  readonly domain: string;
  readonly route: string;
  readonly fingerprint: string;
  readonly evidence: Uint8Array;
}

export async function mismatches(sql: Sql, filter: MismatchFilter): Promise<MismatchPage> {
  const limit = Math.min(1_000, Math.max(1, Math.floor(filter.limit ?? 50)));
  const { domain = null, route = null, cause = null, served = null } = filter;
  const given = filter.fingerprint ?? null;
  const fingerprint = given === null ? null : ((await wholeId(sql, 'fingerprint', given)) ?? given);
  // The mismatch may be deleted by now; its id still names a place in time.
  const last = filter.before === undefined ? null : ((await mismatchId(sql, filter.before)) ?? filter.before);
  const before = last === null ? null : timeOf(last);
  if (last !== null && before === null) return { rows: [], next: null };
  const rows = await sql<MismatchRow[]>`
    select id, extract(epoch from at)::float8 * 1000 as at, domain, route, served, representation, fingerprint, fingerprints,
      cause, fatal,
      trace_id as "traceId", difference_count as "differenceCount", verdict -> 'request' as request,
      array(select d ->> 'path' from jsonb_array_elements(verdict -> 'differences') with ordinality as x(d, i) where i <= 5 order by i) as paths,
      evidence is not null and evidence_expires > now() as "hasEvidence"
    from shadowread.mismatches
    where ${domain === null ? sql`true` : sql`domain = ${domain}`}
      and ${route === null ? sql`true` : sql`route = ${route}`}
      and ${fingerprint === null ? sql`true` : sql`fingerprints @> array[${fingerprint}]`}
      and ${cause === null ? sql`true` : sql`cause = ${cause}`}
      and ${served === null ? sql`true` : sql`served = ${served}`}
      and ${filter.since === undefined ? sql`true` : sql`at >= ${iso(filter.since)}`}
      and ${before === null || last === null ? sql`true` : sql`at <= ${iso(before)} and (at, id) < (${iso(before)}, ${last})`}
    order by at desc, id desc limit ${limit + 1}`;
  const page = rows.slice(0, limit);
  return { rows: page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}

/**
 * The whole id of a mismatch, from a unique prefix; null where there is none.
 *
 * @throws ShadowError SHADOW_USAGE with candidates where several begin so.
 */
export async function mismatchId(sql: Sql, id: string): Promise<string | null> {
  const span = spanOf(id);
  if (span === null) return null;
  const rows = await sql<{ id: string }[]>`
    select id from shadowread.mismatches
    where at >= ${iso(span.from)} and at <= ${iso(span.to)} and starts_with(id, ${id}) order by at desc, id desc limit ${CANDIDATES + 1}`;
  return oneOf(
    'mismatch',
    id,
    rows.map((row) => row.id),
  );
}

/** One mismatch by its id or a unique prefix of it; null where there is none. */
export async function mismatch(sql: Sql, given: string): Promise<MismatchDetail | null> {
  const id = await mismatchId(sql, given);
  if (id === null) return null;
  const [row] = await sql<MismatchDetail[]>`
    select m.id, extract(epoch from m.at)::float8 * 1000 as at, m.domain, m.route, m.served, m.representation, m.fingerprint,
      m.fingerprints, m.cause, m.fatal, m.trace_id as "traceId", m.difference_count as "differenceCount", m.verdict,
      m.verdict -> 'request' as request,
      array(select d ->> 'path' from jsonb_array_elements(m.verdict -> 'differences') as d) as paths,
      m.evidence is not null and m.evidence_expires > now() as "hasEvidence",
      extract(epoch from m.evidence_expires)::float8 * 1000 as "evidenceExpires",
      jsonb_build_object('ordinal', e.ordinal, 'twinBuild', e.twin_build, 'backfill', e.backfill) as epoch
    from shadowread.mismatches m join shadowread.epochs e on e.id = m.epoch
    where m.at = ${iso(timeOf(id) ?? 0)} and m.id = ${id}`;
  return row ?? null;
}

/** The sealed evidence of one mismatch; null where none is kept or its time to live is over. */
export async function sealedEvidence(sql: Sql, given: string): Promise<SealedEvidence | null> {
  const id = await mismatchId(sql, given);
  if (id === null) return null;
  const [row] = await sql<SealedEvidence[]>`
    select id, extract(epoch from at)::float8 * 1000 as at, domain, route, fingerprint, evidence from shadowread.mismatches
    where at = ${iso(timeOf(id) ?? 0)} and id = ${id} and evidence is not null and evidence_expires > now()`;
  return row ?? null;
}

/** Mismatches with sealed evidence since then, oldest first, a page at a time: `after` is the last id of the page before. */
export function sealedSince(sql: Sql, since: number, after: string | null, limit = 200): Promise<SealedEvidence[]> {
  const from = after === null ? since : (timeOf(after) ?? since);
  return sql<SealedEvidence[]>`
    select id, extract(epoch from at)::float8 * 1000 as at, domain, route, fingerprint, evidence from shadowread.mismatches
    where at >= ${iso(from)} and (at, id) > (${iso(from)}, ${after ?? ''}) and evidence is not null and evidence_expires > now()
    order by at, id limit ${limit}`;
}

/** Between which instants an id that begins so lies; null for what is no beginning of an id. */
function spanOf(id: string): { readonly from: number; readonly to: number } | null {
  if (!/^[0-9a-z]{1,9}(?:(?<=^.{9})-[0-9a-f]{0,12})?$/.test(id)) return null;
  const time = id.slice(0, 9);
  return { from: Number.parseInt(time.padEnd(9, '0'), 36), to: Number.parseInt(time.padEnd(9, 'z'), 36) };
}

/** The instant that an id begins with. */
function timeOf(id: string): number | null {
  const match = /^([0-9a-z]{9})-[0-9a-f]{0,12}$/.exec(id);
  const at = match?.[1] === undefined ? Number.NaN : Number.parseInt(match[1], 36);
  return at <= 8.64e15 ? at : null;
}
