/** A mismatch or a fault, with everything that its sentence is made from. */
import { differenceOf, mismatchSentence } from '../base/mismatch-words.ts';
import { faultsOf } from './faults-of.ts';
import type { FaultRow } from './read/faults.ts';
import type { MismatchDetail } from './read/mismatches.ts';
import type { JournalReader } from './reader.ts';

export interface ToldMismatch {
  readonly sentence: string;
  /** The faults that it shows, in their present state; first the one that explains the most telling difference. */
  readonly faults: readonly FaultRow[];
}

export async function tellMismatch(found: MismatchDetail, reader: JournalReader): Promise<ToldMismatch> {
  const { verdict } = found;
  const ids = faultsOf({ ...verdict, evidence: null }, verdict.patterns).map(({ id }) => id);
  const rows = ids.length === 0 ? [] : (await reader.faults({ ids, limit: ids.length })).rows;
  const faults = rows.toSorted((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id));
  const [fault = null] = faults;
  const sentence = mismatchSentence({
    difference: differenceOf(verdict.differences, fault),
    fault,
    further: Math.max(0, faults.length - 1),
    more: Math.max(0, found.differenceCount - 1),
  });
  return { sentence, faults };
}

/** The sentence of one fault: how row and document differ, as the latest read of it found them. */
export async function tellFault(fault: FaultRow, reader: JournalReader): Promise<string> {
  const { collection, entity, sample, lastMismatch } = fault;
  const latest = lastMismatch === null || collection === null ? null : await reader.mismatch(lastMismatch);
  const row = latest?.verdict.cause?.entities.find((one) => one.collection === collection && one.mongoId === entity);
  const stored = row?.fields.find(({ path }) => path === sample?.path) ?? null;
  return mismatchSentence({ difference: stored ?? sample, fault, further: 0, more: 0 });
}
