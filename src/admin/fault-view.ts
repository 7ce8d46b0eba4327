/** A fault as the admin API gives it: the row with its words, and what may be done about it here. */
import { faultName, faultSentence } from '../base/fault-words.ts';
import type { FaultRow } from '../journal/read/faults.ts';
import type { AdminContext } from './context.ts';

export const faultView = (row: FaultRow, { faultWork }: AdminContext) => ({
  ...row,
  name: faultName(row),
  sentence: faultSentence(row),
  /** Its row can be repaired from here. */
  repairable: faultWork.mayRepair(row),
});
