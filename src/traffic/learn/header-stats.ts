/** Which header fields both sides send alike: those may be compared; and which of those always compared differ. */
import { COMPARED_HEADERS, headerMeaning, headerOf, linksOf } from '../../rules/headers.ts';
import type { RawHeaders } from '../../types.ts';
import { IdTable } from './id-table.ts';
import type { OriginStats } from './origin-stats.ts';
import { type UrlId, urlIdsOf } from './url-ids.ts';

/** Fields that say something of the answer's data. */
const TELLING = /^(link|x-.*(count|total|page|pages|offset|limit|cursor|next)|content-language|content-range)$/i;
const NAMES = 40;

interface Field {
  seen: number;
  equal: number;
  /** Unlike values that are URLs which differ in origin and ids alone. */
  urls: number;
  /** The ids in those. */
  ids: IdTable;
  /** One of them had another partner. */
  isDoubtful: boolean;
}

const unseen = (): Field => ({ seen: 0, equal: 0, urls: 0, ids: new IdTable(), isDoubtful: false });

function pairUp(field: Field, primary: string, twin: string, sightings = 1): void {
  if (field.ids.relation(primary, twin) === 'contradiction') field.isDoubtful = true;
  else field.ids.add(primary, twin, sightings);
}

export class HeaderStats {
  readonly #fields = new Map<string, Field>();

  see(primary: RawHeaders, twin: RawHeaders, origins: OriginStats): void {
    const names = new Set([...namesOf(primary), ...namesOf(twin)].filter((name) => TELLING.test(name)));
    for (const name of [...names, ...COMPARED_HEADERS]) {
      const [mine, its] = [headerOf(primary, name), headerOf(twin, name)];
      if (mine === null && its === null) continue;
      const held = this.#fields.get(name) ?? unseen();
      if (!this.#fields.has(name)) {
        if (this.#fields.size >= NAMES) continue;
        this.#fields.set(name, held);
      }
      held.seen += 1;
      if (mine === its || (mine !== null && its !== null && headerMeaning(name, mine) === headerMeaning(name, its))) {
        held.equal += 1;
        continue;
      }
      const urls = mine === null || its === null ? null : urlsIn(name, mine, its);
      if (urls === null) continue;
      for (const { primary: url, twin: other } of urls) origins.see(url, other);
      const ids = urls.flatMap((pair) => pair.ids);
      if (ids.every(({ primary: id, twin: partner }) => id === partner)) {
        held.equal += 1;
        continue;
      }
      held.urls += 1;
      for (const { primary: id, twin: partner } of ids) pairUp(held, id, partner);
    }
  }

  /** Further fields that were alike in every pair that had them. */
  get alike(): readonly { readonly name: string; readonly seen: number }[] {
    return this.#named((name, { seen, equal }) => equal === seen && !COMPARED_HEADERS.includes(name));
  }

  /** Always compared, or telling, and not alike. */
  get unlike(): readonly ({ readonly name: string } & Readonly<Field>)[] {
    return this.#named((_name, { seen, equal }) => equal < seen);
  }

  #named(wanted: (name: string, field: Field) => boolean): ({ name: string } & Field)[] {
    return [...this.#fields]
      .filter(([name, field]) => wanted(name, field))
      .map(([name, field]) => ({ name, ...field }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  merge(other: HeaderStats): void {
    for (const [name, { seen, equal, urls, ids, isDoubtful }] of other.#fields) {
      const held = this.#fields.get(name) ?? unseen();
      held.seen += seen;
      held.equal += equal;
      held.urls += urls;
      held.isDoubtful ||= isDoubtful;
      for (const [id, { twin, sightings }] of ids.entries()) pairUp(held, id, twin, sightings);
      this.#fields.set(name, held);
    }
  }
}

/** Those of a field that holds one, or links: the same but for origins and ids; null where anything else is different. */
function urlsIn(name: string, mine: string, its: string) {
  const [links, others] = name === 'link' ? [linksOf(mine), linksOf(its)] : [[linkTo(mine)], [linkTo(its)]];
  if (links.length !== others.length) return null;
  const pairs: { readonly primary: string; readonly twin: string; readonly ids: readonly UrlId[] }[] = [];
  for (const [i, { url, rest }] of links.entries()) {
    const other = others[i] ?? linkTo('');
    const ids = url === other.url ? [] : urlIdsOf(url, other.url);
    if (ids === null || rest !== other.rest) return null;
    pairs.push({ primary: url, twin: other.url, ids });
  }
  return pairs;
}

const linkTo = (url: string) => ({ url, rest: '' });

function namesOf(headers: RawHeaders): string[] {
  return headers.filter((_field, i) => i % 2 === 0).map((name) => name.toLowerCase());
}
