/** What the comparators say of a pair: the thing under test, asked as the verifier asks it. */
import { type ComparedAnswer, compareAnswers } from '../../src/rules/answers.ts';
import { type CompiledComparator, compileComparator } from '../../src/rules/compile.ts';
import { PARSE_LIMITS, parseJson } from '../../src/rules/parse.ts';
import type { CompareContext, IdPairs } from '../../src/rules/rule.ts';
import { unreadJson } from '../../src/rules/unread.ts';
import type { Difference } from '../../src/types.ts';
import type { Pair, Raw } from './pair.ts';

const compiled = new Map<string, CompiledComparator>();
/** The primary's answers, each of which is compared with hundreds of changed ones. */
const known = new WeakMap<Raw, ComparedAnswer>();

/** The differences; empty where the two mean the same. */
export function judge(pair: Pair, twin: Raw, ids: IdPairs): readonly Pick<Difference, 'path' | 'kind' | 'rule'>[] {
  const held = compiled.get(pair.route.key) ?? compileComparator(pair.route.comparator);
  compiled.set(pair.route.key, held);
  const isCsv = typeOf(pair.primary).startsWith('text/csv');
  const context: CompareContext = {
    params: {},
    query: new Map(new URL(pair.target, 'http://x').searchParams),
    representation: pair.representation,
    ids,
  };
  const mine = known.get(pair.primary) ?? readOf(pair.primary, isCsv);
  known.set(pair.primary, mine);
  const its = readOf(twin, isCsv);
  const result = compareAnswers(held, mine, its, context);
  const asText = isCsv ? result : compareAnswers(held, unreadOf(mine, pair.primary), unreadOf(its, twin), context);
  if (asText.outcome !== result.outcome)
    throw new Error(`the text says ${asText.outcome}, the values ${result.outcome}: ${pair.target}\n${twin.text}`);
  switch (result.outcome) {
    case 'equal':
      return [];
    case 'differs':
      return result.differences;
    case 'needs_ids':
      return [{ path: result.wanted.map(({ id }) => id).join(), kind: 'value', rule: 'id_map has no such id' }];
    case 'too_large':
      return [{ path: '', kind: 'value', rule: result.detail }];
    default:
      return result satisfies never;
  }
}

const typeOf = ({ headers }: Raw): string =>
  headers[headers.findIndex((field, at) => at % 2 === 0 && field.toLowerCase() === 'content-type') + 1] ?? '';

function readOf(raw: Raw, isCsv: boolean): ComparedAnswer {
  if (isCsv) return { status: raw.status, rawHeaders: raw.headers, body: raw.text };
  const parsed = parseJson(new TextEncoder().encode(raw.text));
  if (!parsed.ok) throw new Error(`a pair that is no JSON: ${parsed.failure}`);
  return { status: raw.status, rawHeaders: raw.headers, body: parsed.value };
}

/** As the verifier has an answer that nobody has read yet. */
function unreadOf(answer: ComparedAnswer, { text }: Raw): ComparedAnswer {
  const unread = unreadJson(Buffer.from(text), PARSE_LIMITS);
  return unread === null ? answer : { ...answer, unread };
}
