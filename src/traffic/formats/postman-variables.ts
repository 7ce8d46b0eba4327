import type { JsonValue } from '../../types.ts';
import { list, member, text } from './json-value.ts';

/** A variable whose value names itself again would never end. */
const DEEPEST = 10;

/** `{{name}}`: what the user gave goes before the nearest folder's, and that before the collection's. */
export class Variables {
  readonly #values: ReadonlyMap<string, string>;
  readonly #given: Readonly<Record<string, string>>;

  constructor(
    rows: JsonValue | undefined,
    given: Readonly<Record<string, string>>,
    outer?: ReadonlyMap<string, string>,
  ) {
    const values = new Map(outer);
    for (const row of list(rows)) {
      const name = text(member(row, 'key')) ?? text(member(row, 'id'));
      const value = member(row, 'value');
      if (name === null || value === undefined || value === null || member(row, 'disabled') === true) continue;
      values.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
    }
    this.#values = values;
    this.#given = given;
  }

  within(rows: JsonValue | undefined): Variables {
    return new Variables(rows, this.#given, this.#values);
  }

  /** Every `{{name}}` that has a value replaced; the others stay. */
  filled(value: string): string {
    let now = value;
    for (let depth = 0; depth < DEEPEST && now.includes('{{'); depth += 1) {
      const next = now.replace(/\{\{\s*([^{}]{1,200}?)\s*\}\}/g, (whole, name: string) => this.#value(name) ?? whole);
      // A value that doubles itself would fill the memory.
      if (next === now || next.length > 1_000_000) break;
      now = next;
    }
    return now;
  }

  #value(name: string): string | undefined {
    return Object.hasOwn(this.#given, name) ? this.#given[name] : this.#values.get(name);
  }

  /** The first name that is still unfilled; null without one. Targets hold the braces percent-encoded. */
  static unknownIn(texts: readonly string[]): string | null {
    for (const one of texts) {
      const name = /(?:\{\{|%7B%7B)\s*([^{}%]{1,200}?)\s*(?:\}\}|%7D%7D)/i.exec(one)?.[1];
      if (name !== undefined) return name;
    }
    return null;
  }
}
