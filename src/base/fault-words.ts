/** A fault in words: the same on the terminal, the dashboard, in the gate's answer and in an alert. */
import type { DifferenceKind, Fault } from '../types.ts';
import { measureWords } from './measure-words.ts';

/** As short as it can be and still be found: `payments/66d4f0a2… amount`, or the route and the place. */
export function faultName(fault: Fault): string {
  const { collection, entity, field, route, sample, domain } = fault;
  if (collection !== null && entity !== null) {
    return `${collection}/${shortId(entity)} ${field ?? '(row)'}`;
  }
  return route === null ? `further faults of ${domain}` : `${route} ${placeOf(sample)}`;
}

/** Both ends of a long id: enough to know it again. */
export const shortId = (id: string): string => (id.length > 12 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id);

/** One sentence: what is wrong, and where. No values. */
export function faultSentence(fault: Fault): string {
  const { cause, route, sample, domain } = fault;
  if (fault.collection === null && route === null) {
    return `Further faults of ${domain}, which are too many to list one by one.`;
  }
  const row = `${fault.collection}/${fault.entity}`;
  switch (cause) {
    case 'data_drift': {
      const measure = sample === null ? '' : measureWords(sample.measure) || (LACKING[sample.kind] ?? '');
      const whole = sample === null || sample.path === `/${(fault.field ?? '').replaceAll('.', '/')}`;
      const told = [...(whole ? [] : [`at \`${sample.path}\``]), ...(measure === '' ? [] : [measure])].join(', ');
      return `\`${fault.field}\` of ${row} differs from its document${told === '' ? '' : `: ${told}`}.`;
    }
    case 'missing_row':
      return `${row} has a document and no row.`;
    case 'extra_row':
      return `${row} has a row and no document.`;
    case 'known_gap':
      return `A write of ${row} did not reach Postgres; it is in pg_dualwrite_gaps.`;
    case 'twin_logic':
      return `${route} differs at ${placeOf(sample)}, and the rows agree with their documents: the twin's query or code is wrong.`;
    case 'unknown':
      return `${route} differs at ${placeOf(sample)}; its cause is not known.`;
  }
}

/** What to do about it, with the commands for it. */
export function faultAdvice({ id, cause, collection, domain }: Fault): string {
  switch (cause) {
    case 'data_drift':
    case 'missing_row':
      return `shadowread repair ${id} --dry-run shows what would change; without --dry-run it does it`;
    case 'extra_row':
      return `find out who deleted the document or inserted the row; shadowread repair ${id} --delete deletes the row`;
    case 'known_gap':
      return `shadowread gaps says why it was refused; shadowread gaps --repair tries it again`;
    case 'twin_logic':
      return `fix the query or the code of the twin, then shadowread recheck ${id}`;
    case 'unknown':
      return collection === null
        ? `put right what is wrong in rows (shadowread faults --domain ${domain}), then shadowread recheck ${id}; shadowread mismatch says what could not be looked at`
        : `shadowread repair ${id} --dry-run shows how the row and its document compare`;
  }
}

/** What is there on one side alone has nothing to be measured by. */
const LACKING: Readonly<Partial<Record<DifferenceKind, string>>> = {
  missing: 'only the document has it',
  extra: 'only the row has it',
};

function placeOf(sample: Fault['sample']): string {
  if (sample === null) return '(somewhere)';
  return `${sample.path === '' ? '(whole body)' : sample.path} (${sample.kind})`;
}
