/** Texts that are the same but for ids within them: `tenant:42`, a sentence, a fragment of HTML, XML. */
import { canonicalJson } from '../exact-number.ts';
import { addLeaf, type Json, type Node, node } from './node.ts';
import { areOneEntity, maybeEntityIn } from './one-entity.ts';
import { isObjectId, isUuid } from './run.ts';
import { strictEqual } from './strict.ts';

export function textIdsNode(collections: readonly string[]): Node {
  return node('text', {
    exact: false,
    equal,
    describe(primary, twin, run, _parent, at, out) {
      if (!equal(primary, twin, run)) addLeaf(at, 'text', primary, twin, out);
    },
    meaning(side, value, run) {
      if (typeof value !== 'string') return canonicalJson(value);
      return canonicalJson(
        value
          .split(PARTS)
          .map((part) => maybeEntityIn(part, side, collections, run))
          .join(''),
      );
    },
  });

  function equal(primary: Json, twin: Json, run: Parameters<typeof areOneEntity>[3]): boolean {
    if (primary === twin) return true;
    if (typeof primary !== 'string' || typeof twin !== 'string') return strictEqual(primary, twin);
    const ids = run.twinForms ? idsWithin(primary, twin) : null;
    return ids?.every((one) => areOneEntity(one.primary, one.twin, collections, run)) === true;
  }
}

/** Two parts of two texts that stand at the same place, and may be ids. */
export interface IdWithin {
  /** The last word before it; empty where there is none. */
  readonly word: string;
  readonly primary: string;
  readonly twin: string;
}

/** Each second part may be an id: a uuid, or letters and digits. */
const PARTS = /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-Za-z]+)/;

/** Where the two texts differ, if that is nowhere but in what may be ids; null where anything else differs. */
export function idsWithin(primary: string, twin: string): readonly IdWithin[] | null {
  const [mine, its] = [primary.split(PARTS), twin.split(PARTS)];
  if (mine.length !== its.length) return idOfAnotherForm(mine, its, primary, twin);
  const found: IdWithin[] = [];
  let word = '';
  for (const [i, part] of mine.entries()) {
    const other = its[i] ?? '';
    if (part !== other && i % 2 === 0) return null;
    if (part !== other) found.push({ word, primary: part, twin: other });
    else if (/^[A-Za-z][A-Za-z0-9]*$/.test(part)) word = part;
  }
  return found;
}

/** The other side's id has signs within it (`usr_1-b`): of one id alone it is sure where it begins and ends. */
function idOfAnotherForm(
  mine: readonly string[],
  its: readonly string[],
  primary: string,
  twin: string,
): readonly IdWithin[] | null {
  const isId = (part: string): boolean => isObjectId(part) || isUuid(part);
  const [own, others] = [mine.filter(isId), its.filter(isId)];
  const [id] = own.length === 1 ? own : others;
  if (id === undefined || own.length + others.length !== 1) return null;
  const [text, other] = own.length === 1 ? [primary, twin] : [twin, primary];
  const at = text.indexOf(id);
  const [head, tail] = [text.slice(0, at), text.slice(at + id.length)];
  const partner = other.slice(head.length, other.length - tail.length);
  if (!other.startsWith(head) || !other.endsWith(tail) || !/^[\w-]{1,128}$/.test(partner)) return null;
  const word = head.split(PARTS).findLast((part) => /^[A-Za-z][A-Za-z0-9]*$/.test(part)) ?? '';
  return own.length === 1 ? [{ word, primary: id, twin: partner }] : [{ word, primary: partner, twin: id }];
}
