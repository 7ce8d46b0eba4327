/**
 * Id spaces: the paths whose ids are of one collection, found by the pairs they share. `buyer._id` in one route and
 * `_id` in another are of one space where the same id has the same partner in both, and nothing contradicts.
 */
import { isStatic, singular } from '../../api/path-shapes.ts';
import { idFormOf, isStrongId } from './forms.ts';
import type { IdSource } from './url-ids.ts';

/** A path that holds ids. */
export interface IdPlace {
  readonly method: 'GET' | 'POST';
  readonly pattern: string;
  /** Field names from the body's root; `*` for positions and keys. */
  readonly path: readonly string[];
  readonly node: IdSource;
}

export interface IdSpace {
  readonly name: string;
  readonly places: readonly IdPlace[];
  readonly partners: ReadonlyMap<string, string>;
  /** The JSON type in which the twin prints them; null where it uses both. */
  readonly type: 'number' | 'string' | null;
  /** In place of the evidence, where there is none yet. */
  readonly note?: string;
}

interface Growing {
  readonly places: IdPlace[];
  readonly partners: Map<string, string>;
  readonly owners: Map<string, string>;
}

export function findSpaces(places: readonly IdPlace[]): readonly IdSpace[] {
  const growing: Growing[] = [];
  for (const place of places.toSorted((a, b) => b.node.ids.size - a.node.ids.size)) {
    const home = growing.find((space) => belongs(place, space));
    if (home === undefined) growing.push(grow({ places: [], partners: new Map(), owners: new Map() }, place));
    else grow(home, place);
  }
  // One pair alone proves nothing: any two constants have one partner each.
  return named(
    joined(growing).filter(
      ({ partners, places: own }) =>
        (partners.size > 1 || own.some(isCursor)) && !(own.length === 1 && own[0]?.node.mayBeNoise),
    ),
  );
}

/**
 * Sources of these places whose ids have other partners elsewhere. Another collection may have the same number; an
 * ObjectId or uuid is of one entity.
 */
export function contradicted(places: readonly IdPlace[], spaces: readonly IdSpace[]): ReadonlySet<IdSource> {
  const partners = spaces.map((space) => [space.partners, ownersIn(space.partners)] as const);
  const clashes = (id: string, partner: string, known: ReadonlyMap<string, string>): boolean =>
    isStrongId(idFormOf(id)) && (known.get(id) ?? partner) !== partner;
  const isAgainst = ({ ids }: IdSource): boolean =>
    [...ids.entries()].some(([primary, { twin }]) =>
      partners.some(([twins, owners]) => clashes(primary, twin, twins) || clashes(twin, primary, owners)),
    );
  return new Set(places.map(({ node }) => node).filter(isAgainst));
}

const ownersIn = (partners: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...partners].map(([primary, twin]) => [twin, primary]));

const isCursor = ({ node }: IdPlace): boolean => node.cursorKeys !== null;

/** Places that share nothing with each other may both share ids with a third. */
function joined(spaces: readonly Growing[]): readonly Growing[] {
  const kept: Growing[] = [];
  for (const space of spaces) {
    const home = kept.find((other) => space.places.some((place) => belongs(place, other)) && agree(space, other));
    if (home === undefined) kept.push(space);
    else for (const place of space.places) grow(home, place);
  }
  return kept;
}

const agree = (a: Growing, b: Growing): boolean => a.places.every((place) => relation(place, b) !== 'contradicts');
const belongs = (place: IdPlace, space: Growing): boolean => relation(place, space) === 'shares';

function relation({ node }: IdPlace, { partners, owners }: Growing): 'shares' | 'contradicts' | 'nothing' {
  let shared = false;
  for (const [primary, { twin }] of node.ids.entries()) {
    const partner = partners.get(primary);
    const owner = owners.get(twin);
    // The same number for another entity is another collection's; the same entity with another number cannot be.
    if (partner !== undefined && partner !== twin) return 'contradicts';
    if (partner === twin && owner === primary) shared = true;
    else if (owner !== undefined && owner !== primary) return 'contradicts';
  }
  return shared ? 'shares' : 'nothing';
}

function grow(space: Growing, place: IdPlace): Growing {
  space.places.push(place);
  for (const [primary, { twin }] of place.node.ids.entries()) {
    space.partners.set(primary, twin);
    space.owners.set(twin, primary);
  }
  return space;
}

function named(spaces: readonly Growing[]): readonly IdSpace[] {
  const taken = new Set<string>();
  return spaces.map(({ places, partners }) => {
    const votes = new Map<string, number>();
    for (const place of places) {
      const { name, weight } = nameOf(place);
      votes.set(name, (votes.get(name) ?? 0) + weight);
    }
    const [best = 'ids'] = [...votes].sort((a, b) => b[1] - a[1]).map(([name]) => name);
    let name = best;
    for (let n = 2; taken.has(name); n++) name = `${best}${n}`;
    taken.add(name);
    const types = new Set(places.flatMap(({ node }) => [...node.idTypes]));
    const [only] = types;
    return { name, places, partners, type: types.size === 1 && only !== undefined ? only : null };
  });
}

/** By the route that the entity itself is asked at, else by the field. */
function nameOf({ method, pattern, path }: IdPlace): { readonly name: string; readonly weight: number } {
  const words = pattern.split('/').filter(isStatic);
  // Envelopes do not say what is in them (JSON:API, connections of GraphQL).
  const fields = path.filter((name) => name !== '*' && !/^(data|attributes|edges|nodes?)$/.test(name));
  const last = (path.at(-1) === '*' ? path.findLast((name) => name !== '*') : path.at(-1)) ?? '';
  const word = words.at(-1);
  const ending = pattern.split('/').findLast((part) => part !== '') ?? '';
  const isOfOne = ending.includes(':');
  // A list within one entity is of others.
  const isListed = fields.length === 2 && path.includes('*') && !isOfOne;
  const isOwn = /^_?id$/i.test(last) && (fields.length === 1 || isListed);
  const isDetail = fields.length === 1 && !path.includes('*') && isOfOne;
  if (isOwn && word !== undefined) return { name: plain(word), weight: isDetail ? 20 : method === 'GET' ? 3 : 1 };
  const field = /^_?(id|uuid)s?$/i.test(last) ? (fields.at(-2) ?? word ?? 'id') : last;
  const bare = field.replace(/_?ids?$/i, '');
  return { name: plain(`${singular(bare === '' ? 'id' : bare)}s`), weight: 2 };
}

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '_')
    .replace(/^[^a-z]+/, '') || 'ids';
