/** The faults of a verdict, as the journal may hold them. */
import { answerFault } from '../base/fault-of.ts';
import type { Fault, MismatchPattern, Verdict } from '../types.ts';
import { clean } from './text.ts';

/** If the rows could not be read, each place that differs is a fault. */
export function faultsOf(verdict: Verdict, patterns: readonly MismatchPattern[]): readonly Fault[] {
  const found = verdict.cause?.faults ?? [];
  const cause = verdict.cause?.cause === 'twin_logic' ? 'twin_logic' : 'unknown';
  const faults = found.length > 0 ? found : patterns.map((pattern) => answerFault(cause, verdict.route, pattern));
  return faults.map(cleaned);
}

function cleaned(fault: Fault): Fault {
  const { sample } = fault;
  return {
    ...fault,
    id: clean(fault.id, 64),
    domain: clean(fault.domain, 128),
    collection: fault.collection === null ? null : clean(fault.collection, 128),
    entity: fault.entity === null ? null : clean(fault.entity, 128),
    field: fault.field === null ? null : clean(fault.field, 256),
    sample: sample === null ? null : { ...sample, path: clean(sample.path, 512) },
  };
}
