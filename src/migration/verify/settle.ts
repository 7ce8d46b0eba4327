/** Looks at suspects again: a difference whose write is on its way disappears, one that stays is reported. */
import type { Db } from 'mongodb';
import type { Sql } from 'postgres';
import type { ModelMapping } from '../../api/mapping.ts';
import { revisionOf } from '../../api/rows/convert.ts';
import { jsonOf } from '../../api/rows/json-values.ts';
import { idsOfPairs, isPending, type Judged, judge, sameRevision } from './judge.ts';
import { type Pair, readPairs } from './pairs.ts';
import { excusesOf, type Finding } from './progress.ts';

export interface Settled {
  readonly agree: readonly string[];
  readonly findings: readonly Finding[];
}

interface Look {
  readonly pair: Pair;
  readonly judged: Judged;
}

const FIRST_PAUSE_MS = 100;

/**
 * A difference is reported if it shows in two looks with a pause between them, and the document did not change
 * between them and no write of it is on its way. Of a document that keeps changing, a field that did not change is
 * reported. What is still on its way after `waitMs` is `behind`; what changed at every look is `unsettled`.
 */
export async function settle(options: {
  readonly mongo: Db;
  readonly sql: Sql;
  readonly mappings: readonly ModelMapping[];
  readonly mapping: ModelMapping;
  readonly ids: readonly string[];
  readonly waitMs: number;
}): Promise<Settled> {
  const { mapping, sql, waitMs } = options;
  const agree: string[] = [];
  const findings: Finding[] = [];
  const until = performance.now() + waitMs;
  let open = options.ids;
  let before: ReadonlyMap<string, Look> | null = null;
  for (let pause = FIRST_PAUSE_MS; open.length > 0; pause = Math.min(1_000, pause * 2)) {
    const looks = await look(options.mongo, sql, options.mappings, mapping, open);
    const excuses = await excusesOf(sql, mapping.collection, open);
    // Of one look alone nothing is known, however long it took.
    const last = before !== null && performance.now() >= until;
    const undecided: string[] = [];
    for (const id of open) {
      const now = looks.get(id);
      if (now === undefined || now.judged.state === 'agree') {
        agree.push(id);
        continue;
      }
      const { state, fields } = now.judged;
      const told = (kind: Finding['kind'], reason: string | null = null, paths = fields): void => {
        findings.push({ collection: mapping.collection, mongoId: id, kind, fields: paths, reason });
      };
      const excuse = excuses.get(id);
      // A reject has no row; an open gap explains any difference.
      if (excuse !== undefined && (excuse.kind === 'gap' || state === 'missing')) told('excused', excuse.reason);
      else if (isCertain(before?.get(id), now)) told(state);
      else if (keepsUp(before?.get(id), now)) {
        const still = unmoved(before?.get(id), now);
        const twice = still.filter((path) => before?.get(id)?.judged.fields.includes(path));
        if (still.length === 0) agree.push(id);
        else if (twice.length > 0) told(state, null, twice);
        else undecided.push(id);
      } else if (last) told(isPending(now.pair.doc) ? 'behind' : 'unsettled');
      else undecided.push(id);
    }
    open = undecided;
    before = looks;
    if (open.length > 0) await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return { agree, findings };
}

function isCertain(before: Look | undefined, now: Look): boolean {
  if (before === undefined || before.judged.state !== now.judged.state) return false;
  const [earlier, later] = [before.pair.doc, now.pair.doc];
  if ((earlier === null) !== (later === null)) return false;
  if (later === null || earlier === null) return true;
  // Made from this very revision, the row cannot be on its way, however often the document is written between.
  if (sameRevision(before.pair) && sameRevision(now.pair)) return true;
  return revisionOf(earlier) === revisionOf(later) && !isPending(later);
}

/** True where a row that differs has come past the revision that the document had at the look before. */
function keepsUp(before: Look | undefined, now: Look): boolean {
  const [earlier, row] = [before?.pair.doc, now.pair.row];
  if (earlier == null || row === null || now.pair.doc === null || row.mongo_rev === undefined) return false;
  return Number(row.mongo_rev) >= revisionOf(earlier);
}

/**
 * For a document that is written all the time and whose row keeps up: the fields that differ and did not change
 * since the last look. Fields that changed are on their way again.
 */
function unmoved(before: Look | undefined, now: Look): readonly string[] {
  const stored = (look: Look | undefined, root: string): string =>
    JSON.stringify(jsonOf(look?.pair.doc?.[root]) ?? null);
  return now.judged.fields.filter((path) => {
    const root = path.split('/')[1] ?? '';
    return stored(before, root) === stored(now, root);
  });
}

/** Rows, their children and ids of one moment. */
async function look(
  mongo: Db,
  sql: Sql,
  mappings: readonly ModelMapping[],
  mapping: ModelMapping,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Look>> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const pairs = await readPairs(mongo, tx, mapping, ids);
    const known = await idsOfPairs(tx, mappings, mapping, pairs);
    return new Map(pairs.map((pair) => [pair.id, { pair, judged: judge(mapping, pair, known) }]));
  });
}
