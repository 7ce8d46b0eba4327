/** Which header fields both sides send alike: those may be compared; and which of those always compared differ. */
import { COMPARED_HEADERS, headerMeaning, headerOf } from '../../rules/headers.ts';
import type { RawHeaders } from '../../types.ts';
import { urlIdsOf } from './url-ids.ts';

/** Fields that say something of the answer's data. */
const TELLING = /^(link|x-.*(count|total|page|pages|offset|limit|cursor|next)|content-language|content-range)$/i;
const NAMES = 40;

interface Field {
  seen: number;
  equal: number;
  /** Unlike values that are URLs which differ in origin and ids alone. */
  urls: number;
}

export class HeaderStats {
  readonly #fields = new Map<string, Field>();

  see(primary: RawHeaders, twin: RawHeaders): void {
    const names = new Set([...namesOf(primary), ...namesOf(twin)].filter((name) => TELLING.test(name)));
    for (const name of [...names, ...COMPARED_HEADERS]) {
      const [mine, its] = [headerOf(primary, name), headerOf(twin, name)];
      if (mine === null && its === null) continue;
      const held = this.#fields.get(name) ?? { seen: 0, equal: 0, urls: 0 };
      if (!this.#fields.has(name)) {
        if (this.#fields.size >= NAMES) continue;
        this.#fields.set(name, held);
      }
      held.seen += 1;
      if (mine === its || (mine !== null && its !== null && headerMeaning(name, mine) === headerMeaning(name, its))) {
        held.equal += 1;
      } else if (mine !== null && its !== null && urlIdsOf(mine, its) !== null) held.urls += 1;
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
    for (const [name, { seen, equal, urls }] of other.#fields) {
      const held = this.#fields.get(name) ?? { seen: 0, equal: 0, urls: 0 };
      this.#fields.set(name, { seen: held.seen + seen, equal: held.equal + equal, urls: held.urls + urls });
    }
  }
}

function namesOf(headers: RawHeaders): string[] {
  return headers.filter((_field, i) => i % 2 === 0).map((name) => name.toLowerCase());
}
