/** Reads the fields of a write's body; each failure is 400 `invalid_body` and names the field. */
import type { Request } from 'express';
import type { Types } from 'mongoose';
import { idOf, invalidBody } from '../http.ts';

export class Fields {
  readonly #body: Readonly<Record<string, unknown>>;

  constructor(request: Request) {
    const body: unknown = request.body;
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw invalidBody('The body must be a JSON object.');
    }
    this.#body = Object.fromEntries(Object.entries(body));
  }

  entries(): readonly (readonly [string, unknown])[] {
    return Object.entries(this.#body);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#body, name);
  }

  text(name: string): string {
    const value = this.#body[name];
    // Without a NUL, since no text of the twin can hold one.
    if (typeof value !== 'string' || value.includes('\0') || !value.isWellFormed()) throw bad(name, 'text');
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.#body[name];
    return allowed.find((one) => one === value) ?? fail(name, `one of ${allowed.join(', ')}`);
  }

  /** An amount that a double holds and prints plainly: not negative, below 10^15, from a millionth up, 18 decimals at most. */
  amount(name: string): number {
    const value = this.#body[name];
    if (typeof value !== 'number' || !/^\d{1,15}(\.\d{1,18})?$/.test(String(value))) throw bad(name, 'an amount');
    return value;
  }

  wholeNumber(name: string, from: number, to: number): number {
    const value = this.#body[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < from || value > to) {
      throw bad(name, `a whole number from ${from} to ${to}`);
    }
    return value;
  }

  bool(name: string): boolean {
    const value = this.#body[name];
    return typeof value === 'boolean' ? value : fail(name, 'true or false');
  }

  id(name: string): Types.ObjectId {
    return idOf(this.#body[name]) ?? fail(name, 'an id');
  }

  texts(name: string): string[] {
    const value = this.#body[name];
    if (!Array.isArray(value)) throw bad(name, 'an array of text');
    return value.map((item: unknown) =>
      typeof item === 'string' && !item.includes('\0') && item.isWellFormed() ? item : fail(name, 'an array of text'),
    );
  }

  instant(name: string): Date {
    const value = this.#body[name];
    const at = new Date(typeof value === 'string' ? value : Number.NaN);
    return Number.isNaN(at.getTime()) || at.toISOString() !== value ? fail(name, 'an ISO instant') : at;
  }
}

const bad = (name: string, expected: string) => invalidBody(`The field '${name}' must be ${expected}.`);

function fail(name: string, expected: string): never {
  throw bad(name, expected);
}
