/** From what is known of a path to the strictest rule that every pair seen obeys; strict where there is none. */
import { count, counted } from '../../base/figure-words.ts';
import { agreementOf, currencyOf } from './agreement.ts';
import type { Drafted } from './drafted.ts';
import { type Drafting, unexplainedOf } from './drafting.ts';
import { AGREES, type Agreement } from './forms.ts';
import type { PathNode } from './path-node.ts';
import type { UrlSlot } from './url-ids.ts';

/** Lines of evidence for each agreement. */
const NAMES: Readonly<Record<Agreement, string>> = Object.freeze({
  equal: 'equal',
  instant: 'instant',
  decimal: 'the same decimal',
  rounded: 'rounded',
  ratio: 'within 1e-9',
  id: 'always the same partner',
  url: 'a URL but for its origin',
  within: 'the same text but for ids within it',
  blob: 'Extended JSON',
  currency: "the same amount in the currency's smallest unit",
  halfUnit: "within half of the currency's smallest unit",
  cursor: 'a cursor of the same position',
});

export function draftRule(node: PathNode, path: string, drafting: Drafting, parent: PathNode | null = null): Drafted {
  const isObject = node.objects > 0;
  const isList = node.lists > 0;
  const scalars = [...node.types.keys()].filter((type) => !['null', 'object', 'array'].includes(type));
  const mixed = [isObject, isList, scalars.length > 0].filter(Boolean).length > 1;
  if (mixed) return draftMixed(node, path, drafting);
  if (isObject) return node.values === null ? draftObject(node, path, drafting) : draftRecord(node, path, drafting);
  if (isList) return draftList(node, path, drafting);
  return draftLeaf(node, path, drafting, parent);
}

const URL_WITH_IDS = 'a URL but for its origin and ids';

const nullableNote = (node: PathNode): string =>
  node.nullForAbsent === 0 ? '' : `; null for absent ${counted(node.nullForAbsent, 'time')}`;

const outOf = (node: PathNode): string => {
  const values = node.pairs - node.nullForAbsent;
  return `${count(values)} of ${counted(values, 'pair')}`;
};

function draftMixed(node: PathNode, path: string, drafting: Drafting): Drafted {
  const types = [...node.types.keys()].sort().join(' or ');
  if ((node.agreements & AGREES.equal) !== 0) {
    return word('strict', node, `equal: ${outOf(node)}; ${types}`);
  }
  if ((node.agreements & AGREES.blob) !== 0 && node.pairs >= drafting.minimum) {
    return word('jsonb', node, `Extended JSON: ${outOf(node)}; ${types}`);
  }
  return leftStrict(node, path, types, drafting);
}

function draftObject(node: PathNode, path: string, drafting: Drafting): Drafted {
  const children = [...(node.children ?? [])];
  const isBlob = (node.agreements & AGREES.equal) === 0 && (node.agreements & AGREES.blob) !== 0;
  if (isBlob && node.pairs >= drafting.minimum && children.some(([, child]) => agreementOf(child) === 'blob')) {
    return word('jsonb', node, `Extended JSON: ${outOf(node)}`);
  }
  if ((node.agreements & AGREES.equal) !== 0 && children.some(([, child]) => child.pairs < node.objects)) {
    // Members that come and go: a blob, whose next member is compared as strictly as these.
    if (children.some(([, child]) => child.pairs * 2 < node.objects) && haveFreeNames(children))
      return word('strict', node, `equal: ${outOf(node)}; members vary`);
  }
  const fields = new Map(
    children.map(([name, child]) => [name, draftRule(child, `${path}/${name}`, drafting, node)] as const),
  );
  tellUnlike(node, path, 'object', drafting);
  return { draft: 'object', fields, nullable: node.nullForAbsent > 0, note: nullableNote(node).slice(2) };
}

/** Many members, or of one type all (`{ crime: 3, poetry: 4 }`): their names are data. `data` beside `errors` are fields. */
function haveFreeNames(children: readonly (readonly [string, PathNode])[]): boolean {
  const types = new Set(children.map(([, child]) => [...child.types.keys()].filter((type) => type !== 'null').join()));
  return children.length > FEW_FIELDS || types.size < 2;
}

const FEW_FIELDS = 12;

function draftRecord(node: PathNode, path: string, drafting: Drafting): Drafted {
  const of = draftRule(node.value(), `${path}/*`, drafting);
  tellUnlike(node, path, 'object', drafting);
  const space = drafting.spaceOf(node);
  return {
    draft: 'of',
    form: 'record',
    of,
    options: space === null ? {} : { keys: space },
    nullable: node.nullForAbsent > 0,
    note: `free keys: ${counted(node.objects, 'pair')}${nullableNote(node)}`,
  };
}

const IDENTITIES = ['_id', 'id', 'uuid', 'key', 'slug', 'code'];

function draftList(node: PathNode, path: string, drafting: Drafting): Drafted {
  const { order } = node;
  const nullable = node.nullForAbsent > 0;
  const { items } = node;
  if (items === null || (items.types.size === 0 && items.pairs === 0 && order.lengths === 0))
    return word('strict', node, `always empty: ${counted(node.lists, 'pair')}`);
  const of = draftRule(items, `${path}/*`, drafting);
  const identity = IDENTITIES.find((name) => {
    const child = items.children?.get(name);
    return child !== undefined && child.pairs === items.objects && child.oneSided === 0;
  });
  const named = identity === undefined ? {} : { identity };
  const lists = counted(order.lists, 'list');
  tellUnlike(node, path, 'array', drafting);
  const made = (
    form: 'list' | 'set' | 'ordered',
    options: Readonly<Record<string, unknown>>,
    note: string,
  ): Drafted => ({
    draft: 'of',
    form,
    of,
    options,
    nullable,
    note: `${note}${nullableNote(node)}`,
  });
  if (order.moved === 0)
    return made(
      'list',
      named,
      order.lists === 0 ? 'in order: one item at most' : `in order: ${count(order.lists)} of ${lists}`,
    );
  const moved = `moved in ${count(order.moved)} of ${lists}`;
  if (order.lists < drafting.minimum) {
    drafting.unexplained.push({
      ...unexplainedOf(node, path, 'array', drafting),
      differs: order.moved,
      forms: [moved],
      tooFew: 'another order',
    });
    return made('list', named, `${moved}; too few to say in which order`);
  }
  const key = order.defaultKey;
  if (key !== null && order.paramsHold) {
    const { sortParam } = order;
    return made(
      'ordered',
      { by: [key], ...(sortParam === null ? {} : { sortParam }), ...named },
      `${moved}, only among equal keys`,
    );
  }
  return made('set', named, `${moved}, by no key`);
}

function draftLeaf(node: PathNode, path: string, drafting: Drafting, parent: PathNode | null): Drafted {
  const type = typeOf(node);
  // A single id is one of a collection that other places show more of.
  const best = agreementOf(node, drafting.spaceOf(node) === null ? 2 : 1);
  if (best === null || node.oneSided > 0) {
    const found = node.oneSided > 0 ? null : (draftTwinForm(node, drafting) ?? draftRefBy(node, drafting));
    return found ?? leftStrict(node, path, type, drafting);
  }
  if (best === 'equal') {
    const plain = ({ string: 'text', number: 'number', boolean: 'bool' } as const)[type] ?? 'strict';
    const seen = node.pairs - node.nullForAbsent;
    return word(plain, node, seen === 0 ? 'null or absent' : `equal: ${outOf(node)}`);
  }
  const slots = best === 'url' || best === 'within' ? [...node.urlSlots.values()].filter(({ differs }) => differs) : [];
  const name = best === 'url' && slots.length > 0 ? URL_WITH_IDS : NAMES[best];
  const note = `${name}: ${outOf(node)}`;
  if (node.pairs - node.nullForAbsent < drafting.minimum) {
    drafting.unexplained.push({ ...unexplainedOf(node, path, type, drafting), tooFew: name });
    return word('strict', node, `${note}; fewer than ${drafting.minimum}: not guessed`);
  }
  const nullable = node.nullForAbsent > 0;
  const form = (data: Readonly<Record<string, unknown>>, more = ''): Drafted => ({
    draft: 'form',
    data,
    nullable,
    note: `${note}${more}${nullableNote(node)}`,
  });
  switch (best) {
    case 'instant':
    case 'ratio':
      return word(best, node, note);
    case 'blob':
      return word('jsonb', node, note);
    case 'url':
      return slots.length === 0 ? word('url', node, note) : draftIdsIn('url', slots);
    case 'within':
      return draftIdsIn('text', slots);
    case 'id': {
      const space = drafting.spaceOf(node);
      if (space === null) return leftStrict(node, path, type, drafting);
      return form({ ref: space }, ` (${counted(node.ids.size, 'id')})`);
    }
    case 'decimal': {
      const scale = node.decimals?.longest ?? 0;
      const currency = currencyOf(parent, scale);
      // Rounded to the few decimals that happened to be seen, 5 would be "5.4".
      if (currency === null && scale < 2) return form({ number: 'decimal' });
      return form({ money: currency ?? { scale } }, ` at up to ${counted(scale, 'decimal')}`);
    }
    case 'currency':
      return form({ money: node.currencyField ?? { scale: 0 } });
    case 'halfUnit':
      return form({ aggregateMoney: node.currencyField ?? { scale: 0 } });
    case 'cursor': {
      const space = drafting.spaceOf(node);
      const [key = 'text'] = node.cursorKeys ?? [];
      return space === null ? leftStrict(node, path, type, drafting) : form({ cursor: space, key });
    }
    case 'rounded':
      return form(
        { money: { scale: node.decimals?.shortest ?? 0 } },
        ` to ${counted(node.decimals?.shortest ?? 0, 'decimal')}`,
      );
    default:
      return best satisfies never;
  }

  function draftIdsIn(rule: 'url' | 'text', places: readonly UrlSlot[]): Drafted {
    const spaces = [...new Set(places.map(drafting.spaceOf))].filter((space) => space !== null).sort();
    if (places.some(drafting.isDoubtful)) return leftStrict(node, path, type, drafting);
    if (places.some((place) => drafting.spaceOf(place) === null)) {
      drafting.unexplained.push({
        ...unexplainedOf(node, path, type, drafting),
        tooFew: `${name} (fewer than 2 at a place)`,
      });
      return word('strict', node, `${note}; fewer than 2 ids at a place in it: not guessed`);
    }
    const ids = places.reduce((sum, place) => sum + place.ids.size, 0);
    return form({ [rule]: spaces }, ` (${counted(ids, 'id')})`);
  }
}

/** A rule for what the twin says in a form of its own; null where there is none, or where it may be noise. */
function draftTwinForm(node: PathNode, { minimum }: Drafting): Drafted | null {
  const pairs = node.pairs - node.nullForAbsent;
  const found = pairs < minimum || node.isNoise ? null : node.twinForms.found(pairs, node.currencyField);
  if (found === null) return null;
  const note = `${found.name}: ${outOf(node)}`;
  if (found.data.duration === null) return word('duration', node, note);
  return {
    draft: 'form',
    data: found.data,
    nullable: node.nullForAbsent > 0,
    note: `${note}${nullableNote(node)}`,
  };
}

/** Ids of several collections, told apart by a field beside them; null where they are not, or one of these is unknown. */
function draftRefBy(node: PathNode, { minimum, spaceOf }: Drafting): Drafted | null {
  const found = node.pairs - node.nullForAbsent < minimum || node.isNoise ? null : node.idsByWord.found;
  if (found === null) return null;
  const of = [...found.words].map(([name, ids]) => [name, spaceOf(ids)] as const);
  if (of.some(([, space]) => space === null)) return null;
  const ids = [...found.words.values()].reduce((sum, each) => sum + each.ids.size, 0);
  return {
    draft: 'form',
    data: { ref: { by: found.field, of: Object.fromEntries(of.sort(([a], [b]) => (a < b ? -1 : 1))) } },
    nullable: node.nullForAbsent > 0,
    note: `always the same partner in its collection: ${outOf(node)} (${counted(ids, 'id')})${nullableNote(node)}`,
  };
}

/** Lists of other lengths, and lists or objects that one side alone has: what rules say of their parts does not cover that. */
function tellUnlike(node: PathNode, path: string, type: string, drafting: Drafting): void {
  const differs = node.order.lengths + node.oneSided + node.unlike;
  if (differs > 0) leftStrict(node, path, type, drafting, differs);
}

function typeOf(node: PathNode): string {
  const types = [...node.types.keys()].filter((type) => type !== 'null');
  return types.length === 1 ? (types[0] ?? 'null') : types.length === 0 ? 'null' : types.sort().join(' or ');
}

function word(text: string, node: PathNode, note: string): Drafted {
  return { draft: 'word', word: text, nullable: node.nullForAbsent > 0, note: `${note}${nullableNote(node)}` };
}

function leftStrict(
  node: PathNode,
  path: string,
  type: string,
  drafting: Drafting,
  differs: number = node.unequal,
): Drafted {
  const found = { ...unexplainedOf(node, path, type, drafting), differs };
  drafting.unexplained.push(found);
  const noise = found.noise
    ? `; noise: the primary, asked twice, differs in ${count(node.noise)} of ${count(node.readTwice)}`
    : '';
  const [first = 'another value'] = found.forms;
  return word('strict', node, `differs in ${count(differs)} of ${count(node.pairs)}: ${first}${noise}; no rule holds`);
}
