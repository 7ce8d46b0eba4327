/** Ids of several collections at one path, told apart by a field beside them: `owner: { type, id }`, `ownerType` and `ownerId`. */
import { type JsonObject, own } from '../../rules/exact-number.ts';
import { isIdName } from './forms.ts';
import { IdTable } from './id-table.ts';
import type { IdSource } from './url-ids.ts';

/** The field beside an id that says of what it is, and its word in this answer. */
export interface NamedBy {
  readonly field: string;
  readonly word: string;
}

const TYPE_FIELD = /^(_?type|kind|__typename|model|collection|resource|entity)$/i;
const TYPE_ENDING = /_?(type|kind|model)$/i;
const ID_ENDING = /_?(id|uuid|guid)s?$/i;
const WORD = /^[\w.:/\\-]{1,60}$/;
/** More words are no types. */
const MOST = 16;

/** Null where the name is no id's, or nothing beside it says of what it is. */
export function namedBy(name: string, primary: JsonObject): NamedBy | null {
  if (!isIdName(name)) return null;
  const base = name.replace(ID_ENDING, '').toLowerCase();
  const fields = Object.keys(primary);
  const ofName = fields.find(
    (field) => TYPE_ENDING.test(field) && field.replace(TYPE_ENDING, '').toLowerCase() === base && base !== '',
  );
  const field = ofName ?? (/^_?$/.test(base) ? fields.find((each) => TYPE_FIELD.test(each)) : undefined);
  const word = field === undefined ? undefined : own(primary, field);
  return field !== undefined && typeof word === 'string' && WORD.test(word) ? { field, word } : null;
}

/** The ids of one word. */
class WordIds implements IdSource {
  readonly ids = new IdTable();
  readonly idTypes = new Set<'number' | 'string'>();
  readonly cursorKeys = null;
  readonly mayBeNoise = false;
}

export class IdsByWord {
  #field: string | null = null;
  #words: Map<string, WordIds> | null = new Map();
  #unnamed = 0;

  /** `by`: null where nothing beside the id says of what it is. */
  see(by: NamedBy | null, primary: string, twin: string, type: 'number' | 'string'): void {
    if (by === null) this.#unnamed += 1;
    else this.#add(by, primary, { twin, sightings: 1 }, [type]);
  }

  /** The field and the ids of each of its words; null where ids have second partners even so. */
  get found(): { readonly field: string; readonly words: ReadonlyMap<string, WordIds> } | null {
    const words = this.#words;
    if (this.#field === null || words === null || words.size < 2 || this.#unnamed > 0) return null;
    return { field: this.#field, words };
  }

  merge(other: IdsByWord): void {
    this.#unnamed += other.#unnamed;
    if (other.#words === null) this.#words = null;
    for (const [word, { ids, idTypes }] of other.#words ?? []) {
      for (const [primary, partner] of ids.entries())
        this.#add({ field: other.#field ?? '', word }, primary, partner, idTypes);
    }
  }

  #add(
    { field, word }: NamedBy,
    primary: string,
    { twin, sightings }: { readonly twin: string; readonly sightings: number },
    types: Iterable<'number' | 'string'>,
  ): void {
    const words = this.#words;
    if (words === null) return;
    this.#field ??= field;
    const held = words.get(word) ?? new WordIds();
    words.set(word, held);
    if (field !== this.#field || words.size > MOST || held.ids.relation(primary, twin) === 'contradiction') {
      this.#words = null;
      return;
    }
    held.ids.add(primary, twin, sightings);
    for (const type of types) held.idTypes.add(type);
  }
}
