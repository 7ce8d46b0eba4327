/** Ids within a URL: two texts that are one URL but for its origin and for ids, which are paired piece by piece. */
import { type IdWithin, idsWithin } from '../../rules/engine/text-ids.ts';
import { pathOfUrl, piecesOfBoth } from '../../rules/engine/url.ts';
import type { JsonValue } from '../../types.ts';
import { idFormOf, isStrongId } from './forms.ts';
import { IdTable } from './id-table.ts';

/** Whatever holds ids of one collection: a path of the answers, or a place within the URLs of one. */
export interface IdSource {
  readonly ids: IdTable;
  /** JSON types in which the twin prints them; none where they stand within a text. */
  readonly idTypes: ReadonlySet<'number' | 'string'>;
  readonly cursorKeys: ReadonlySet<'instant' | 'number' | 'text'> | null;
  /** Nothing tells them from values that are made anew for each answer, which no pair would ever contradict. */
  readonly mayBeNoise: boolean;
}

/** A place of a path's URLs that holds ids. */
export class UrlSlot implements IdSource {
  /** The segment before the id or the name of its query parameter; empty where none says what the id is of. */
  readonly name: string;
  readonly ids = new IdTable();
  readonly idTypes: ReadonlySet<'number' | 'string'> = new Set();
  readonly cursorKeys = null;
  readonly mayBeNoise = false;
  /** The two sides were seen with different ids here. */
  differs = false;

  constructor(name: string) {
    this.name = name;
  }
}

/** A pair of ids in two URLs. `slot`: one key for all ids at the same place. */
export interface UrlId {
  readonly slot: string;
  readonly name: string;
  readonly primary: string;
  readonly twin: string;
}

const LONGEST = 2_048;
/** Words of a path that do not say what the id after them is of. */
const EMPTY_WORD = /^(api|rest|v\d+)?$/i;
const PLAIN_ID = /^_?(id|uuid|guid)s?$/i;

/**
 * The ids in two URLs that are the same but for their origins and these ids; null where anything else is different. Only
 * what an ObjectId or uuid on one side shows to be an id is one: two numbers may be a page and another.
 */
export function urlIdsOf(primary: JsonValue, twin: JsonValue): readonly UrlId[] | null {
  if (typeof primary !== 'string' || typeof twin !== 'string') return null;
  if (!/^(\/|https?:)/i.test(primary) || primary.length > LONGEST || twin.length > LONGEST) return null;
  const [path, other] = [pathOfUrl(primary), pathOfUrl(twin)];
  if (path === null || other === null) return null;
  const [pieces, others] = piecesOfBoth(path, other);
  if (pieces.length !== others.length || (path !== other && pieces.every((piece, i) => piece === others[i])))
    return null;
  const found: UrlId[] = [];
  let parameter: string | null = null;
  let word = '';
  /** How many ids have followed the word. */
  let nth = 0;
  for (const [i, mine] of pieces.entries()) {
    const its = others[i] ?? '';
    const before = i === 0 ? '' : pieces[i - 1];
    const [form, itsForm] = [idFormOf(mine), idFormOf(its)];
    if (i % 2 === 0 && form !== null && itsForm !== null && (isStrongId(form) || isStrongId(itsForm))) {
      const name = parameter === null || PLAIN_ID.test(parameter) ? word : parameter;
      nth += 1;
      const slot = parameter === null ? `/${word}/${nth}` : `?${parameter}`;
      found.push({ slot, name, primary: mine, twin: its });
    } else if (mine !== its) return null;
    else if (before === '?' || before === '&') parameter = mine;
    else if (before === '/' && parameter === null && !EMPTY_WORD.test(mine)) [word, nth] = [mine, 0];
  }
  return found;
}

/**
 * The ids in two texts that are the same but for these, as in `usr_<id>`; null where anything else is different, and for a
 * text that is an id. Only what an ObjectId or uuid on one side shows to be an id is one.
 */
export function textIdsOf(primary: JsonValue, twin: JsonValue): readonly UrlId[] | null {
  if (typeof primary !== 'string' || typeof twin !== 'string' || primary === twin) return null;
  if (isStrongId(idFormOf(primary)) || isStrongId(idFormOf(twin))) return null;
  if (primary.length > LONGEST_TEXT || twin.length > LONGEST_TEXT) return null;
  const ids = idsWithin(primary, twin);
  const isId = (one: IdWithin): boolean => isStrongId(idFormOf(one.primary)) || isStrongId(idFormOf(one.twin));
  if (ids === null || !ids.every(isId)) return null;
  const nth = new Map<string, number>();
  return ids.map(({ word, ...pair }) => {
    nth.set(word, (nth.get(word) ?? 0) + 1);
    return { ...pair, slot: `~${word}/${nth.get(word)}`, name: word.toLowerCase() };
  });
}

/** Pages and documents, too. */
const LONGEST_TEXT = 65_536;
