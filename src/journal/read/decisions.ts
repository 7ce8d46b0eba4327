/** The kept history: decisions, stages, controls and who changed what. */
import type { Decision, Outcome } from '../../gate/decision.ts';
import type { DomainEvidence } from '../../gate/evidence.ts';
import type { DomainPolicy, JsonValue, Stage } from '../../types.ts';
import type { Sql } from './rows.ts';

export interface DecisionRow {
  readonly id: number;
  /** Epoch ms. */
  readonly at: number;
  readonly domain: string;
  readonly outcome: Outcome;
  readonly who: string;
  readonly configDigest: string;
  readonly decision: Decision;
}

/** Decisions, newest first; `before` is the last id of the page before. */
export function decisions(
  sql: Sql,
  filter: { readonly domain?: string; readonly before?: number; readonly limit?: number },
): Promise<DecisionRow[]> {
  const { domain = null, before = null } = filter;
  return sql<DecisionRow[]>`
    select id::float8 as id, extract(epoch from at)::float8 * 1000 as at, domain, outcome, who, config_digest as "configDigest", decision
    from shadowread.decisions
    where (${domain}::text is null or domain = ${domain}) and (${before}::bigint is null or id < ${before})
    order by id desc limit ${Math.min(1_000, Math.max(1, Math.floor(filter.limit ?? 20)))}`;
}

/** One decision with the evidence that it was made from. */
export async function decision(
  sql: Sql,
  id: number,
): Promise<(DecisionRow & { readonly evidence: DomainEvidence }) | null> {
  const [row] = await sql<(DecisionRow & { evidence: DomainEvidence })[]>`
    select id::float8 as id, extract(epoch from at)::float8 * 1000 as at, domain, outcome, who, config_digest as "configDigest",
      decision, evidence
    from shadowread.decisions where id = ${id}`;
  return row ?? null;
}

export interface StageRow extends DomainPolicy {
  readonly domain: string;
  readonly stage: Stage;
  /** Grows with every change of any domain. */
  readonly version: number;
  readonly by: string;
  readonly reason: string | null;
  readonly override: boolean;
  /** The passing decision that a flip rests on. */
  readonly decision: number | null;
  /** Epoch ms. */
  readonly at: number;
}

/** Stages that were ever changed; other domains keep their config's. */
export function stages(sql: Sql): Promise<StageRow[]> {
  return sql<StageRow[]>`
    select domain, stage, percent, version::float8 as version, changed_by as by, reason, override, decision::float8 as decision,
      extract(epoch from at)::float8 * 1000 as at
    from shadowread.stages order by domain`;
}

export interface ControlRow {
  readonly name: string;
  readonly value: JsonValue;
  readonly version: number;
  readonly by: string;
  readonly at: number;
}

/** Named control values that replicas share. */
export function controls(sql: Sql): Promise<ControlRow[]> {
  return sql<ControlRow[]>`
    select name, value, version::float8 as version, changed_by as by, extract(epoch from at)::float8 * 1000 as at
    from shadowread.control order by name`;
}

export interface AuditRow {
  readonly id: number;
  readonly at: number;
  readonly who: string;
  /** `stage`, `control`, `fingerprint`, … */
  readonly what: string;
  /** The domain, route or fingerprint that was changed. */
  readonly subject: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly reason: string | null;
}

export function audit(
  sql: Sql,
  filter: { readonly subject?: string; readonly before?: number; readonly limit?: number },
): Promise<AuditRow[]> {
  const { subject = null, before = null } = filter;
  return sql<AuditRow[]>`
    select id::float8 as id, extract(epoch from at)::float8 * 1000 as at, who, what, subject, before, after, reason
    from shadowread.audit
    where (${subject}::text is null or subject = ${subject}) and (${before}::bigint is null or id < ${before})
    order by id desc limit ${Math.min(1_000, Math.max(1, Math.floor(filter.limit ?? 100)))}`;
}
