/** What is known of one path of a route's answers; array positions and the keys of records are folded into one. */
import { AGREES, type Agreement, ALL_AGREEMENTS, BY_STRICTNESS, type Decimals } from './forms.ts';
import { IdTable } from './id-table.ts';
import { IdsByWord } from './ids-by-word.ts';
import { ListOrder } from './list-order.ts';
import { TwinForms } from './twin-forms.ts';
import { type IdSource, UrlSlot } from './url-ids.ts';

/** Mongoose's version key, which no object rule looks at. */
export const VERSION_KEY = '__v';
/** Forms of differences kept for each path. */
const FORMS = 6;
/** Different short texts kept for each path. */
const TEXTS = 40;

/** Ids that were paired by their place alone must have come so many more times. */
const CAME_AGAIN = 10;

/** Places with ids kept of the URLs of one path; the ids of any further ones share a table. */
const SLOTS = 16;

/** Two ids that were met as partners. */
export interface Pairing {
  readonly ids: IdTable;
  readonly primary: string;
  readonly twin: string;
  /** Agreements, as bits, that rest on every id having one partner. */
  readonly proves: number;
}

export class PathNode implements IdSource {
  /** Field name; `*` for the items of a list and the values of a record. */
  readonly name: string;
  /** Pairs of values looked at. */
  pairs = 0;
  unequal = 0;
  /** What all of them share, as bits of `AGREES`. */
  agreements = ALL_AGREEMENTS;
  /** Unequal pairs by what they agreed in. */
  readonly agreed = new Map<Agreement, number>();
  /** JSON types of the primary's values. */
  readonly types = new Map<string, number>();
  /** In words, what is different where no agreement covers it. */
  readonly forms = new Map<string, number>();
  /** Pairs in which one side said null and the other nothing. */
  nullForAbsent = 0;
  /** Pairs in which one side alone has a value. */
  oneSided = 0;
  /** Pairs in which one side alone has a list or an object: `[]` for null, `{}` for `[]`. */
  unlike = 0;
  /** The primary, asked twice, differed from itself. */
  noise = 0;
  readTwice = 0;
  /** Ids of look-alike items of a list, paired by their place; they count only where nothing else tells (`trustPlaces`). */
  readonly placed = new IdTable();
  /** One of those had another partner. */
  isMisplaced = false;
  /** Pairs of ids that contradicted an earlier one and replaced it. */
  replaced = 0;
  /** Pairs of ids that contradicted an earlier one at all. */
  contradictions = 0;
  decimals: { longest: number; shortest: number; agreeTo: number } | null = null;
  /** Kinds of sort keys by which all cursors so far are of one position; null before the first. */
  cursorKeys: ReadonlySet<'instant' | 'number' | 'text'> | null = null;
  /** Name of the sibling that names the currency of this amount. */
  currencyField: string | null = null;
  /** JSON types in which the twin prints ids. */
  readonly idTypes = new Set<'number' | 'string'>();
  readonly ids = new IdTable();
  /** The same ids by the word of a field beside them. */
  readonly idsByWord = new IdsByWord();
  /** Ids within the texts of this path: URLs, or others. */
  readonly urlSlots = new Map<string, UrlSlot>();
  readonly order = new ListOrder();
  readonly twinForms = new TwinForms();
  /** Short texts seen, as long as they are few: a currency's codes. */
  texts: Set<string> | null = new Set();
  children: Map<string, PathNode> | null = null;
  items: PathNode | null = null;
  /** The values of an object with free keys. */
  values: PathNode | null = null;
  /** Pairs of objects, to tell members that are always there from those that are not. */
  objects = 0;
  lists = 0;

  constructor(name: string) {
    this.name = name;
  }

  agree(bits: number, equal: boolean): void {
    this.pairs += 1;
    this.agreements &= bits;
    if (equal) return;
    this.unequal += 1;
    for (const each of BY_STRICTNESS) {
      if ((bits & AGREES[each]) !== 0) this.agreed.set(each, (this.agreed.get(each) ?? 0) + 1);
    }
  }

  seeCursorKeys(keys: readonly ('instant' | 'number' | 'text')[]): void {
    const known = this.cursorKeys;
    this.cursorKeys = new Set(known === null ? keys : keys.filter((key) => known.has(key)));
  }

  urlSlot(key: string, name: string): UrlSlot {
    const bounded = this.urlSlots.has(key) || this.urlSlots.size < SLOTS ? key : '';
    const slot = this.urlSlots.get(bounded) ?? new UrlSlot(bounded === '' ? '' : name);
    this.urlSlots.set(bounded, slot);
    return slot;
  }

  pairUp({ ids, primary, twin, proves }: Pairing): void {
    if (ids.relation(primary, twin) !== 'contradiction') {
      ids.add(primary, twin);
      return;
    }
    this.contradictions += 1;
    if (ids.replace(primary, twin)) this.replaced += 1;
    else this.agreements &= ~proves;
  }

  seeText(text: string): void {
    if (this.texts === null) return;
    if (text.length > 8 || this.texts.size >= TEXTS) this.texts = null;
    else this.texts.add(text);
  }

  tell(form: string): void {
    if (this.forms.has(form) || this.forms.size < FORMS) this.forms.set(form, (this.forms.get(form) ?? 0) + 1);
  }

  seeDecimals({ longer, shorter, agreeTo }: Decimals): void {
    const held = this.decimals;
    this.decimals = {
      longest: Math.max(held?.longest ?? 0, longer),
      shortest: Math.max(held?.shortest ?? 0, shorter),
      agreeTo: Math.min(held?.agreeTo ?? agreeTo, agreeTo),
    };
  }

  /** Is this node noise, or one on the way to this path? Names of fields, `*` for the items of a list. */
  isNoiseAt(path: readonly string[]): boolean {
    const [name, ...below] = path;
    if (this.isNoise || name === undefined) return this.isNoise;
    const next = name === '*' && this.items !== null ? this.items : (this.children?.get(name) ?? this.values);
    return next?.isNoiseAt(below) === true;
  }

  child(name: string): PathNode {
    this.children ??= new Map();
    return held(this.children, name);
  }

  item(): PathNode {
    this.items ??= new PathNode('*');
    return this.items;
  }

  value(): PathNode {
    this.values ??= new PathNode('*');
    return this.values;
  }

  /**
   * The primary, asked twice, mostly says another value: made anew for each answer, so that two of them are a pair that never
   * comes again and contradicts nothing.
   */
  get isNoise(): boolean {
    return 2 * this.noise > this.readTwice;
  }

  /** Each came once, and the primary was never asked twice. The keys of a record are ids by their form. */
  get mayBeNoise(): boolean {
    if (this.readTwice > 0 || this.values !== null) return false;
    return [...this.ids.entries()].every(([, { sightings }]) => sightings === 1);
  }

  pairByPlace(primary: string, twin: string): void {
    if (this.placed.relation(primary, twin) === 'contradiction') this.isMisplaced = true;
    else this.placed.add(primary, twin);
  }

  /** Takes pairs by place for pairs of ids, in the whole tree, where they never contradicted each other though ids came again. */
  trustPlaces(): void {
    const again = [...this.placed.entries()].reduce((sum, [, { sightings }]) => sum + sightings - 1, 0);
    if (this.ids.size < 2 && !this.isMisplaced && again >= CAME_AGAIN) {
      for (const [primary, { twin, sightings }] of this.placed.entries()) this.ids.add(primary, twin, sightings);
    }
    for (const child of this.children?.values() ?? []) child.trustPlaces();
    this.items?.trustPlaces();
    this.values?.trustPlaces();
  }

  /** Takes in what another node knows of the same path. */
  merge(other: PathNode): void {
    this.pairs += other.pairs;
    this.unequal += other.unequal;
    this.agreements &= other.agreements;
    this.nullForAbsent += other.nullForAbsent;
    this.oneSided += other.oneSided;
    this.unlike += other.unlike;
    this.noise += other.noise;
    this.readTwice += other.readTwice;
    this.replaced += other.replaced;
    this.contradictions += other.contradictions;
    this.objects += other.objects;
    this.lists += other.lists;
    for (const [each, n] of other.agreed) this.agreed.set(each, (this.agreed.get(each) ?? 0) + n);
    for (const [type, n] of other.types) this.types.set(type, (this.types.get(type) ?? 0) + n);
    for (const [form, n] of other.forms) {
      if (this.forms.has(form) || this.forms.size < FORMS) this.forms.set(form, (this.forms.get(form) ?? 0) + n);
    }
    this.currencyField ??= other.currencyField;
    if (other.cursorKeys !== null) this.seeCursorKeys([...other.cursorKeys]);
    for (const type of other.idTypes) this.idTypes.add(type);
    if (other.decimals !== null) {
      const { longest, shortest, agreeTo } = other.decimals;
      this.seeDecimals({ longer: longest, shorter: shortest, agreeTo });
    }
    this.isMisplaced ||= other.isMisplaced;
    for (const [primary, { twin, sightings }] of other.placed.entries()) {
      if (this.placed.relation(primary, twin) === 'contradiction') this.isMisplaced = true;
      else this.placed.add(primary, twin, sightings);
    }
    this.#mergeIds(this.ids, other.ids, AGREES.id | AGREES.cursor);
    for (const [key, { name, ids, differs }] of other.urlSlots) {
      const slot = this.urlSlot(key, name);
      slot.differs ||= differs;
      this.#mergeIds(slot.ids, ids, AGREES.url | AGREES.within);
    }
    this.order.merge(other.order);
    this.twinForms.merge(other.twinForms);
    this.idsByWord.merge(other.idsByWord);
    if (other.texts === null) this.texts = null;
    else for (const text of other.texts) this.seeText(text);
    for (const [name, child] of other.children ?? []) this.child(name).merge(child);
    if (other.items !== null) this.item().merge(other.items);
    if (other.values !== null) this.value().merge(other.values);
  }

  #mergeIds(ids: IdTable, others: IdTable, proves: number): void {
    for (const [primary, { twin, sightings }] of others.entries()) {
      if (ids.relation(primary, twin) !== 'contradiction') ids.add(primary, twin, sightings);
      else {
        this.contradictions += 1;
        this.agreements &= ~proves;
      }
    }
  }

  /** Makes of an object with named fields one with free keys. */
  becomeRecord(): void {
    const value = this.value();
    for (const child of this.children?.values() ?? []) value.merge(child);
    this.children = null;
  }
}

function held(nodes: Map<string, PathNode>, name: string): PathNode {
  const known = nodes.get(name);
  if (known !== undefined) return known;
  const made = new PathNode(name);
  nodes.set(name, made);
  return made;
}
