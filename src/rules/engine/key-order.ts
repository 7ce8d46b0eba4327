/** Which keys the objects of one rule have, and in which order a side prints them. */
import type { Node } from './node.ts';
import { QuotedKey } from './quoted-key.ts';
import { unsure } from './text-cursor.ts';
import type { TextReader } from './text-reader.ts';

/** Mongoose's version key, which means nothing in any object that has rules. */
export const VERSION_KEY = '__v';
/** Keys of the data that are learned, so that a hostile body cannot make it grow. */
const LEARNED_KEYS = 64;

/** What stood behind a key, most recently and before that: rows are alike, so one of the two nearly always comes next. */
interface Followers {
  next: ObjectKey | null;
  other: ObjectKey | null;
}

export class ObjectKey {
  readonly number: number;
  readonly quoted: QuotedKey;
  /** Null for a key that no rule names. */
  readonly node: Node | null;
  /** The value is read, and nothing more. */
  readonly isIgnored: boolean;
  /** Identical values need no closer look. */
  readonly isPlain: boolean;
  /** Absent and null mean the same. */
  readonly isNullable: boolean;
  readonly ofPrimary: Followers = { next: null, other: null };
  readonly ofTwin: Followers = { next: null, other: null };

  constructor(key: string, number: number, node: Node | null) {
    this.number = number;
    this.quoted = new QuotedKey(key);
    this.node = node;
    this.isIgnored = node === null ? key === VERSION_KEY : node.label === 'ignored';
    this.isPlain = node?.plain ?? false;
    this.isNullable = node?.nullable ?? false;
  }
}

/** The keys by number: first those that rules name, then those that objects were seen to have. */
export class ObjectKeys {
  readonly all: ObjectKey[];
  /** What comes first on each side. */
  readonly ofPrimary: Followers;
  readonly ofTwin: Followers;
  readonly #fields: number;
  readonly #byName: Map<string, ObjectKey>;

  constructor(fields: ReadonlyMap<string, Node>) {
    this.all = [...fields].map(([name, node], number) => new ObjectKey(name, number, node));
    this.#byName = new Map(this.all.map((key) => [key.quoted.key, key]));
    this.#fields = this.all.length;
    const first = this.all[0] ?? null;
    this.ofPrimary = { next: first, other: first };
    this.ofTwin = { next: first, other: first };
  }

  /** Passes over the key that comes next, behind the one with these followers. @throws Unsure */
  take(reader: TextReader, followers: Followers): ObjectKey {
    const { next, other } = followers;
    if (next !== null && reader.takesKey(next.quoted)) return next;
    if (other !== null && reader.takesKey(other.quoted)) return other;
    const found = this.#named(reader.key());
    followers.other = next;
    followers.next = found;
    return found;
  }

  /** @throws Unsure where too many others were seen */
  #named(name: string): ObjectKey {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    if (this.all.length === this.#fields + LEARNED_KEYS) this.#forgetLearned();
    const learned = new ObjectKey(name, this.all.length, null);
    this.all.push(learned);
    this.#byName.set(name, learned);
    return learned;
  }

  /**
   * An answer with a name for each of its rows must not keep those of later ones from being learned. The comparison ends: it
   * knows keys by numbers that are free now.
   */
  #forgetLearned(): never {
    for (const { quoted } of this.all.splice(this.#fields)) this.#byName.delete(quoted.key);
    for (const { ofPrimary, ofTwin } of [this, ...this.all])
      for (const followers of [ofPrimary, ofTwin]) Object.assign(followers, { next: null, other: null });
    return unsure();
  }
}
