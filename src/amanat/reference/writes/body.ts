import type { Request } from 'express';
import type { Types } from 'mongoose';
import { fail, idOf, invalidBody } from '../http.ts';

/** Fields of a JSON body; each complains by name. */
export class Body {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(request: Request) {
    const body: unknown = request.body;
    if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalidBody('The body is no object.');
    this.#fields = { ...body };
  }

  text(name: string, max = 5000): string {
    const value = this.#fields[name];
    if (typeof value === 'string' && value.length <= max && !value.includes('\0')) return value;
    throw invalidBody(`'${name}' must be text of at most ${max} characters, without a NUL.`);
  }

  optionalText(name: string): string | undefined {
    return this.#fields[name] === undefined ? undefined : this.text(name);
  }

  oneOf(name: string, allowed: readonly string[]): string {
    const value = this.#fields[name];
    if (typeof value === 'string' && allowed.includes(value)) return value;
    throw invalidBody(`'${name}' must be one of ${allowed.join(', ')}.`);
  }

  id(name: string): Types.ObjectId {
    return idOf(this.#fields[name]) ?? fail(invalidBody(`'${name}' must be an ObjectId.`));
  }

  optionalId(name: string): Types.ObjectId | undefined {
    return this.#fields[name] === undefined ? undefined : this.id(name);
  }

  /** Money as a double: finite, not negative, below 10^15. */
  amount(name: string): number {
    const value = this.#fields[name];
    if (typeof value === 'number' && value >= 0 && value < 1e15 && Number(value.toFixed(6)) === value) return value;
    throw invalidBody(`'${name}' must be a number from 0 to 10^15 with at most 6 decimals.`);
  }
}
