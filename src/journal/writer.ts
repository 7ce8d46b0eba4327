/** What people change in the journal, each with who and why in the audit trail, in one transaction. */
import type postgres from 'postgres';
import { inTime } from '../base/in-time.ts';
import { EXIT, ShadowError } from '../errors.ts';
import type { Decision } from '../gate/decision.ts';
import type { DomainEvidence } from '../gate/evidence.ts';
import type { JsonValue, Stage } from '../types.ts';
import { acknowledgementOf } from './acknowledgement.ts';
import { connectJournal, journalError, leaveStandby } from './connection.ts';
import { FORGOTTEN_IDS, forgetIds } from './forget-ids.ts';
import { currentEpoch } from './read/evidence.ts';
import type { FaultRow } from './read/faults.ts';
import { type FingerprintRow, fingerprint } from './read/fingerprints.ts';
import type { IdPairRow } from './read/id-pairs.ts';
import { wholeId } from './read/ids.ts';
import { iso } from './read/rows.ts';
import { migrate } from './schema/migrate.ts';
import { clean, jsonFor } from './text.ts';
import {
  auditedFault,
  type FaultPatch,
  type FaultReading,
  type MovedFault,
  patchFault,
  settleFault,
} from './write-faults.ts';

export type FingerprintPatch =
  /** Known and put off until then (epoch ms). */
  | { readonly state: 'acknowledged'; readonly owner: string; readonly reason: string; readonly expiresAt: number }
  | { readonly state: 'open'; readonly reason?: string }
  /** Fixed: if it comes back it is open again, and flagged. */
  | { readonly state: 'fixed'; readonly reason?: string };

export interface StageChange {
  readonly domain: string;
  readonly stage: Stage;
  readonly percent: number;
  readonly who: string;
  readonly reason: string | null;
  readonly override: boolean;
  readonly decision: number | null;
  /** The version that the change was decided on, null where the domain had none: refused where it has another by now. */
  readonly after?: number | null;
}

export interface ControlsChange {
  /** By name, such as `route GET /api/payments/:id`. */
  readonly values: Readonly<Record<string, Readonly<Record<string, JsonValue>>>>;
  readonly subject: string;
  readonly who: string;
  readonly reason: string | null;
}

export interface JournalWriter {
  /** @throws ShadowError SHADOW_NOT_FOUND, SHADOW_USAGE */
  patchFingerprint(id: string, patch: FingerprintPatch, who: string): Promise<FingerprintRow>;
  /** @throws ShadowError SHADOW_NOT_FOUND, SHADOW_USAGE, SHADOW_REFUSED */
  patchFault(id: string, patch: FaultPatch, who: string): Promise<FaultRow>;
  /** What asking its reads again said; see `settleFault`. @throws ShadowError SHADOW_NOT_FOUND */
  settleFault(id: string, reading: FaultReading, who: string): Promise<FaultRow>;
  /** Keeps a decision with its evidence, append-only; gives its id. */
  recordDecision(decision: Decision, evidence: DomainEvidence | null, who: string): Promise<number>;
  /** @throws ShadowError SHADOW_REFUSED where the stage was changed since `after` */
  setStage(change: StageChange): Promise<void>;
  /**
   * Begins new evidence of a domain; gives the ordinal of its new epoch. @throws ShadowError SHADOW_NOT_FOUND where
   * nothing of the domain was journalled yet.
   */
  newEpoch(domain: string, who: string, reason: string): Promise<number>;
  /** Forgets the pairs of this id, of either side; gives them. Proxies hear of it within seconds. @throws ShadowError SHADOW_NOT_FOUND */
  forgetIds(collection: string, id: string, who: string, reason: string): Promise<readonly IdPairRow[]>;
  /**
   * Puts values that every replica follows, each merged into what is held under its name; one row of the audit trail for
   * all of them.
   */
  setControls(change: ControlsChange): Promise<void>;
  /** Records a change of something that the journal itself does not hold. */
  note(entry: {
    readonly who: string;
    readonly what: string;
    readonly subject: string;
    readonly before: JsonValue;
    readonly after: JsonValue;
    readonly reason?: string;
  }): Promise<void>;
  close(): Promise<void>;
}

/** Nobody who changes something waits longer for the journal, ms. */
const CHANGE_DEADLINE = 30_000;

/** Opens the journal for changes; makes its schema where it is missing. Every call rejects with SHADOW_JOURNAL where it is down. */
export function openWriter(options: { readonly url: string }): JournalWriter {
  const sql = connectJournal(options.url, { max: 1, name: 'shadowread control' });
  let migrated: Promise<void> | null = null;
  const change = async <T>(work: (tx: postgres.TransactionSql) => Promise<T>): Promise<T> => {
    try {
      migrated ??= inTime(sql, CHANGE_DEADLINE, migrate(sql));
      await migrated.catch((error: unknown) => {
        migrated = null;
        throw error;
      });
      const done: T[] = [];
      await inTime(
        sql,
        CHANGE_DEADLINE,
        sql.begin(async (tx) => {
          done.push(await work(tx));
        }),
      );
      for (const result of done) return result;
      throw new Error('the transaction did not run');
    } catch (error) {
      leaveStandby(sql, error);
      throw journalError(error);
    }
  };
  return {
    patchFingerprint: (id, patch, who) => change((tx) => patchFingerprint(tx, id, patch, clean(who, 200))),
    patchFault: (id, patch, who) =>
      change(async (tx) => keptFault(tx, await patchFault(tx, id, patch, clean(who, 200)), who, patch.reason)),
    settleFault: (id, reading, who) =>
      change(async (tx) => keptFault(tx, await settleFault(tx, id, reading, clean(who, 200)), who, reading.reason)),
    recordDecision: (decision, evidence, who) =>
      change(async (tx) => {
        const [row] = await tx<{ id: number }[]>`
          insert into shadowread.decisions (domain, outcome, decision, evidence, config_digest, who)
          values (${decision.domain}, ${decision.outcome}, ${jsonFor(decision)}::text::jsonb, ${jsonFor(evidence)}::text::jsonb,
            ${decision.configDigest}, ${clean(who, 200)})
          returning id::float8 as id`;
        return row?.id ?? 0;
      }),
    setStage: (next) => change((tx) => setStage(tx, next)),
    newEpoch: (domain, who, reason) => change((tx) => newEpoch(tx, domain, who, reason)),
    forgetIds: (collection, id, who, reason) =>
      change(async (tx) => {
        const pairs = await forgetIds(tx, collection, id);
        for (const { primary, twin, sightings } of pairs)
          await auditRow(tx, {
            who,
            what: 'ids',
            subject: `${FORGOTTEN_IDS}${collection}`,
            before: { primary, twin, sightings },
            after: null,
            reason,
          });
        return pairs;
      }),
    setControls: (next) => change((tx) => setControls(tx, next)),
    note: (entry) => change((tx) => auditRow(tx, { ...entry, reason: entry.reason ?? null })),
    close: () => sql.end({ timeout: 1 }),
  };
}

/** With its row in the audit trail, where something was changed. */
async function keptFault(
  tx: postgres.ISql,
  { before, after }: MovedFault,
  who: string,
  reason: string | undefined,
): Promise<FaultRow> {
  if (before.updatedAt !== after.updatedAt) {
    await auditRow(tx, {
      who,
      what: 'fault',
      subject: after.id,
      before: auditedFault(before),
      after: auditedFault(after),
      reason: reason ?? null,
    });
  }
  return after;
}

async function patchFingerprint(
  tx: postgres.ISql,
  given: string,
  patch: FingerprintPatch,
  who: string,
): Promise<FingerprintRow> {
  const id = (await wholeId(tx, 'fingerprint', given)) ?? given;
  const [there] = await tx`select 1 from shadowread.fingerprints where fingerprint = ${id} for update`;
  const before = there === undefined ? null : await fingerprint(tx, id);
  if (before === null) {
    throw new ShadowError('SHADOW_NOT_FOUND', 'there is no such fingerprint', {
      expected: 'an id of `shadowread fingerprints`, or a beginning of one that no other has',
      actual: id,
    });
  }
  const acknowledged = patch.state === 'acknowledged' ? patch : null;
  if (acknowledged !== null && before.others) {
    throw new ShadowError('SHADOW_REFUSED', 'a row that stands for many fingerprints cannot be acknowledged', {
      expected:
        'one fingerprint, not the row of all further ones; raise journal.perRoute.fingerprints, or fix the cause of so many',
      actual: `all further ones of ${before.route}`,
    });
  }
  if (acknowledged !== null) acknowledgementOf(acknowledged);
  await tx`
    update shadowread.fingerprints set state = ${patch.state}, owner = ${acknowledged === null ? null : clean(acknowledged.owner, 200)},
      reason = ${patch.reason === undefined ? null : clean(patch.reason, 2_000)},
      expires_at = ${acknowledged === null ? null : iso(acknowledged.expiresAt)},
      fixed_at = case when ${patch.state} = 'fixed' then clock_timestamp() else null end,
      regressed = false, updated_by = ${who}, updated_at = clock_timestamp()
    where fingerprint = ${id}`;
  const after = await fingerprint(tx, id);
  if (after === null) throw new ShadowError('SHADOW_INTERNAL', 'the fingerprint vanished');
  const audited = ({ state, owner, reason, expiresAt, regressed }: FingerprintRow): JsonValue => ({
    state,
    owner,
    reason,
    expiresAt,
    regressed,
  });
  await auditRow(tx, {
    who,
    what: 'fingerprint',
    subject: id,
    before: audited(before),
    after: audited(after),
    reason: patch.reason ?? null,
  });
  return after;
}

async function setStage(tx: postgres.ISql, next: StageChange): Promise<void> {
  // Also where the domain has no row yet that could be locked.
  await tx`select pg_advisory_xact_lock(hashtextextended('shadowread.stage.' || ${next.domain}::text, 0))`;
  const [found] = await tx<{ stage: Stage; percent: number; version: number; by: string; reason: string | null }[]>`
    select stage, percent, version::float8 as version, changed_by as by, reason
    from shadowread.stages where domain = ${next.domain} for update`;
  if (next.after !== undefined && (found?.version ?? null) !== next.after) {
    const now = found === undefined ? 'no stage' : `${found.stage} at ${found.percent} %, by ${found.by}`;
    throw new ShadowError('SHADOW_REFUSED', `the stage of ${next.domain} was changed meanwhile`, {
      expected: 'the stage that it had when this change was decided; look at it, and decide again',
      actual: found?.reason == null ? now : `${now}: ${found.reason}`,
      exit: EXIT.no,
    });
  }
  const before = found === undefined ? null : { stage: found.stage, percent: found.percent };
  await tx`
    insert into shadowread.stages (domain, stage, percent, version, changed_by, reason, override, decision)
    values (${next.domain}, ${next.stage}, ${next.percent}, nextval('shadowread.change_version'), ${clean(next.who, 200)},
      ${next.reason === null ? null : clean(next.reason, 2_000)}, ${next.override}, ${next.decision})
    on conflict (domain) do update set stage = excluded.stage, percent = excluded.percent, version = excluded.version,
      changed_by = excluded.changed_by, reason = excluded.reason, override = excluded.override, decision = excluded.decision,
      at = clock_timestamp()`;
  await auditRow(tx, {
    who: next.who,
    what: 'stage',
    subject: next.domain,
    before,
    after: { stage: next.stage, percent: next.percent, override: next.override, decision: next.decision },
    reason: next.reason,
  });
}

async function setControls(tx: postgres.ISql, { values, subject, who, reason }: ControlsChange): Promise<void> {
  const rows = Object.entries(values).map(([name, value]) => ({ name, value }));
  const json = jsonFor(rows);
  const before = await tx<{ name: string; value: JsonValue }[]>`
    select name, value from shadowread.control where name = any(${rows.map(({ name }) => name)}::text[]) order by name for update`;
  await tx`
    insert into shadowread.control as c (name, value, version, changed_by)
    select name, value, nextval('shadowread.change_version'), ${clean(who, 200)}
    from jsonb_to_recordset(${json}::text::jsonb) as x(name text, value jsonb) order by name
    on conflict (name) do update set value = c.value || excluded.value, version = excluded.version,
      changed_by = excluded.changed_by, at = clock_timestamp()`;
  await auditRow(tx, {
    who,
    what: 'control',
    subject,
    before: before.length === 0 ? null : Object.fromEntries(before.map(({ name, value }) => [name, value])),
    after: values,
    reason,
  });
}

async function newEpoch(tx: postgres.ISql, domain: string, who: string, reason: string): Promise<number> {
  // The lock that epoch_of takes, so that no replica opens an epoch meanwhile.
  await tx`select pg_advisory_xact_lock(hashtextextended('shadowread.epoch.' || ${domain}::text, 0))`;
  const current = await currentEpoch(tx, domain);
  if (current === null) {
    throw new ShadowError('SHADOW_NOT_FOUND', 'this domain has no evidence yet, so no new epoch can begin', {
      expected: 'a domain that was compared',
      actual: domain,
    });
  }
  await tx`update shadowread.epochs set closed_at = clock_timestamp() where domain = ${domain} and closed_at is null`;
  const [made] = await tx<{ ordinal: number }[]>`
    insert into shadowread.epochs (domain, ordinal, backfill, twin_build, rules, began_at, last_seen)
    select ${domain}, max(ordinal) + 1, ${current.backfill}, ${current.twinBuild}, ${current.rules}, clock_timestamp(), clock_timestamp()
    from shadowread.epochs where domain = ${domain} returning ordinal`;
  const ordinal = made?.ordinal ?? 0;
  await auditRow(tx, {
    who,
    what: 'epoch',
    subject: domain,
    before: { epoch: current.ordinal },
    after: { epoch: ordinal },
    reason,
  });
  return ordinal;
}

interface AuditEntry {
  readonly who: string;
  readonly what: string;
  readonly subject: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly reason: string | null;
}

async function auditRow(tx: postgres.ISql, entry: AuditEntry): Promise<void> {
  await tx`
    insert into shadowread.audit (who, what, subject, before, after, reason)
    values (${clean(entry.who, 200)}, ${entry.what}, ${clean(entry.subject, 512)}, ${jsonFor(entry.before)}::text::jsonb,
      ${jsonFor(entry.after)}::text::jsonb, ${entry.reason === null ? null : clean(entry.reason, 2_000)})`;
}
