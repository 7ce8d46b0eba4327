/** A closed set of words of which the twin has its own: each of the primary's always with the same one of the twin's. */
import type { JsonValue } from '../../types.ts';

type Word = string | number | boolean;

/** More different words are no closed set. */
const MOST = 24;
/** Each word is seen so often before it is believed, and all of them together so many times their number. */
const EACH = 3;
const TIMES = 5;
/** Constants, and no ids or sentences. */
const CONSTANT = /^(?=.{1,40}$)[A-Za-z]+(?:[_-][A-Za-z]+)*(?:[_-]?\d{1,2})?$/;

export class OwnWords {
  /** By the text of the primary's word; null where there is no such set. */
  #words: Map<string, { readonly primary: Word; readonly twin: Word; seen: number }> | null = new Map();

  see(primary: JsonValue, twin: JsonValue): void {
    if (this.#words === null || (primary === null && twin === null)) return;
    if (!isWord(primary) || !isWord(twin)) this.#words = null;
    else this.#add(primary, twin, 1);
  }

  merge(other: OwnWords): void {
    if (other.#words === null) this.#words = null;
    else for (const { primary, twin, seen } of other.#words.values()) this.#add(primary, twin, seen);
  }

  /** Null where they are not renamed: the same, in another case or type alone, or one of them alone. */
  found(pairs: number): { readonly data: { readonly enum: Record<string, Word> }; readonly name: string } | null {
    const words = [...(this.#words?.values() ?? [])];
    const renamed = words.filter(({ primary, twin }) => primary !== twin);
    const partners = new Set(words.map(({ twin }) => String(twin)));
    const own = new Set(words.map(({ primary }) => String(primary)));
    const isNew = renamed.every(
      ({ primary, twin }) => !own.has(String(twin)) && !(typeof primary === 'number' && typeof twin === 'number'),
    );
    if (renamed.length < 2 || partners.size < words.length || !isNew) return null;
    if (words.some(({ seen }) => seen < EACH) || pairs < TIMES * words.length) return null;
    // `Ada` and `ada` may be names; a constant is written in capitals.
    if (renamed.every(({ primary, twin }) => isOtherCase(primary, twin))) return null;
    const pairsOf = words.sort((a, b) => (String(a.primary) < String(b.primary) ? -1 : 1));
    return {
      data: { enum: Object.fromEntries(pairsOf.map(({ primary, twin }) => [String(primary), twin])) },
      name: "the twin's own words",
    };
  }

  #add(primary: Word, twin: Word, seen: number): void {
    if (this.#words === null) return;
    const key = String(primary);
    const held = this.#words.get(key);
    if (held !== undefined && (held.primary !== primary || held.twin !== twin)) this.#words = null;
    else if (held !== undefined) held.seen += seen;
    else if (this.#words.size >= MOST) this.#words = null;
    else this.#words.set(key, { primary, twin, seen });
  }
}

/** A number is a code where the other side has a word for it; of two numbers nothing says that they are not counted. */
function isWord(value: JsonValue): value is Word {
  if (typeof value === 'string') return CONSTANT.test(value);
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isSafeInteger(value));
}

function isOtherCase(primary: Word, twin: Word): boolean {
  const [mine, its] = [String(primary), String(twin)];
  const isConstant = (word: string): boolean => word === word.toUpperCase();
  return mine.toLowerCase() === its.toLowerCase() && !isConstant(mine) && !isConstant(its);
}
