/**
 * Makes one row again from its document. The row is locked before the document is read, and written only over the same or
 * an earlier revision; so a write that comes in between, by the drain or another repair, is never undone.
 */
import type { TransactionSql } from 'postgres';
import { keyColumn, type ModelMapping } from '../../api/mapping.ts';
import { revisionOf, valueAt } from '../../api/rows/convert.ts';
import { keylessNamed } from '../../api/rows/row-name.ts';
import { isLostRace } from '../../base/postgres.ts';
import { applyDocuments } from '../apply.ts';
import { mendReferences } from '../drain.ts';
import { carriedOver, clockOf, reasonOf, removeRow } from '../gaps.ts';
import { setBackReason } from '../other-documents.ts';
import { saveFindings } from '../progress.ts';
import { lockSequence } from '../sequences.ts';
import { idsOfPairs, type Judged, judge } from '../verify/judge.ts';
import { type Pair, readPairs } from '../verify/pairs.ts';
import { heldId, takeId } from './own-id.ts';
import type { Repair, RepairOptions, RepairTarget } from './repair.ts';

/** Tries for a row that others write at the same time. */
const TRIES = 5;

/** Rejects where a store cannot be asked, or where `onChange` does. The result says what it cannot repair. */
export async function repairRow(options: RepairOptions, target: RepairTarget): Promise<Repair> {
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt >= TRIES;
    try {
      return await options.sql.begin((tx) => inTransaction(tx, options, target, last));
    } catch (error) {
      if (error instanceof TakenBack) return error.repair;
      // A repair and a drain's batch lock rows in different orders: Postgres ends one of the two.
      if (last || !(error instanceof Moved || isLostRace(error))) throw error;
    }
  }
}

/** Ends the transaction without a change, with the result to report. */
class TakenBack extends Error {
  readonly repair: Repair;

  constructor(repair: Repair) {
    super('taken back');
    this.repair = repair;
  }
}

/** Ends the transaction because another one wrote the row between look and write. */
class Moved extends Error {}

async function inTransaction(
  tx: TransactionSql,
  options: RepairOptions,
  target: RepairTarget,
  last: boolean,
): Promise<Repair> {
  const { mapping } = target;
  await lock(tx, target);
  const readAt = await clockOf(tx);
  const pair = await look(tx, options, target);
  const judged = judge(mapping, pair, await idsOfPairs(tx, options.mappings, mapping, [pair]));
  const plan = planOf(target, pair, judged);
  if (plan.action === 'none') {
    if (plan.found === 'agree' && options.dryRun !== true) await forgetKnown(tx, target, readAt);
    return plan;
  }
  const refusal = refusalOf(pair, plan, options);
  if (refusal !== null) return { ...plan, result: 'refused', reason: refusal };
  // A sequence does not go back with its transaction.
  if (mapping.identity === 'sequence') {
    if (options.dryRun === true) return { ...plan, result: 'planned' };
    await options.onChange?.({ ...plan, result: 'repaired' });
  }
  const done = await write(tx, options, target, pair, plan, last);
  if (done.result === 'refused') throw new TakenBack(done);
  if (options.dryRun === true)
    throw new TakenBack({ ...done, result: done.result === 'differs' ? 'differs' : 'planned' });
  if (done.result === 'repaired') await forgetKnown(tx, target, readAt);
  if (mapping.identity !== 'sequence') await options.onChange?.(done);
  return done;
}

async function lock(tx: TransactionSql, { mapping, mongoId }: RepairTarget): Promise<void> {
  if (mapping.identity === 'sequence') await lockSequence(tx, mapping.table);
  else {
    const key = tx(keyColumn(mapping));
    await tx`select from ${tx(mapping.table)} where ${key} = ${mongoId} or ${keylessNamed(tx, mapping, [mongoId])} for update`;
  }
}

async function look(tx: TransactionSql, { mongo }: RepairOptions, { mapping, mongoId }: RepairTarget): Promise<Pair> {
  const [pair] = await readPairs(mongo, tx, mapping, [mongoId]);
  return pair ?? { id: mongoId, doc: null, row: null, children: {} };
}

const ACTIONS = { agree: 'none', absent: 'none', missing: 'insert', drift: 'update', extra: 'delete' } as const;

function planOf({ mapping, mongoId }: RepairTarget, pair: Pair, judged: Judged): Repair {
  const { doc, row } = pair;
  const absent = doc === null && row === null;
  const found = absent ? 'absent' : judged.state;
  return {
    collection: mapping.collection,
    mongoId,
    domain: mapping.domain,
    found,
    action: ACTIONS[found],
    result: absent ? 'refused' : 'agrees',
    fields: found === 'missing' ? fieldsOf(mapping, pair) : judged.fields,
    revision: doc === null ? null : revisionOf(doc),
    reason: absent ? 'there is neither a document nor a row of this id' : null,
    rejects: [],
    orphans: [],
  };
}

/** What an inserted row holds. */
function fieldsOf(mapping: ModelMapping, { doc }: Pair): readonly string[] {
  if (doc === null) return [];
  return [...mapping.fields, ...mapping.children]
    .filter(({ path }) => valueAt(doc, path) !== undefined)
    .map(({ path }) => `/${path.split('.').join('/')}`)
    .sort();
}

/** Why this must not be done; null where it may. */
function refusalOf(pair: Pair, plan: Repair, { deleteGone }: RepairOptions): string | null {
  if (plan.action === 'delete' && deleteGone !== true) return 'its document is gone; --delete deletes the row';
  const made = Number(pair.row?.mongo_rev ?? 0);
  if (pair.doc !== null && made > revisionOf(pair.doc)) {
    return setBackReason(made, revisionOf(pair.doc));
  }
  return null;
}

/** What to do where Postgres refuses to change a row. */
function adviceOn({ appendOnly }: ModelMapping, reason: string, isTaken = false): string {
  if (isTaken) {
    return (
      `${reason}. Another row holds this value: repair that one first. Where each is refused for the other (their ids were ` +
      'swapped), delete one of the two rows, then repair both'
    );
  }
  if (!appendOnly) return reason;
  return (
    `${reason}. Where the entry itself is wrong, book a correcting entry through the API. Where the row was changed ` +
    'behind its back, the owner of the table removes it with the trigger off, on record; then repair inserts it from ' +
    'the document'
  );
}

async function write(
  tx: TransactionSql,
  options: RepairOptions,
  target: RepairTarget,
  { doc }: Pair,
  plan: Repair,
  last: boolean,
): Promise<Repair> {
  const { mapping, mongoId } = target;
  const { mongo, mappings } = options;
  if (doc === null) {
    const reason = await removeRow(tx, mapping, mongoId);
    if (reason === null) return { ...plan, result: 'repaired' };
    return { ...plan, result: 'refused', reason: adviceOn(mapping, reason) };
  }
  // Postgres decides whether an append-only row may be changed: triggers protect the ledger.
  const writable = { ...mapping, appendOnly: false };
  const held = plan.action === 'insert' ? await heldId(tx, mongo, mappings, target) : null;
  const applied = await applyDocuments(tx, { mongo, mappings }, writable, [doc], { overwrite: 'sameOrOlder' });
  const [refused] = applied.refused;
  // A unique value of another row.
  const isTaken =
    refused?.mayPass === true && !refused.waits && refused.rejects.every(({ refersTo }) => refersTo === undefined);
  const orphans = applied.orphans.map(({ orphan }) => orphan);
  if (refused !== undefined) {
    if (refused.mayPass && !last) throw new Moved();
    return {
      ...plan,
      result: 'refused',
      reason: adviceOn(mapping, reasonOf(refused), isTaken),
      rejects: refused.rejects,
      orphans,
    };
  }
  // The row was not there to be locked, and another transaction has brought it meanwhile.
  if (applied.written === 0) throw new Moved();
  if (held !== null) await takeId(tx, target, held);
  await saveFindings(tx, mapping.collection, [mongoId], applied);
  await mendReferences(tx, options, mapping, [mongoId], applied);
  // Compared with the document that the row was made from: the drain brings later writes.
  const after = { ...(await look(tx, options, target)), doc };
  const judged = judge(mapping, after, await idsOfPairs(tx, mappings, mapping, [after]));
  if (judged.state === 'agree') return { ...plan, result: 'repaired', orphans };
  return { ...plan, result: 'differs', fields: judged.fields, orphans };
}

/** The row is as its document: no gap of it is open, and `verify` has nothing against it. */
async function forgetKnown(tx: TransactionSql, { mapping, mongoId }: RepairTarget, readAt: string): Promise<void> {
  const { collection } = mapping;
  await carriedOver(tx, collection, [mongoId], readAt);
  await tx`delete from verify_findings where collection = ${collection} and mongo_id = ${mongoId} and kind <> 'suspect'`;
}
