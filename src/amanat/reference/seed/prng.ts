import { hash } from 'node:crypto';

/** Deterministic numbers of one seed and label; the same on every machine. xoshiro128** by Blackman and Vigna. */
export class Prng {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(...labels: readonly (string | number)[]) {
    const digest = hash('sha256', labels.join('\u001f'), 'buffer');
    this.#a = digest.readInt32LE(0);
    this.#b = digest.readInt32LE(4);
    this.#c = digest.readInt32LE(8);
    this.#d = digest.readInt32LE(12);
  }

  /** 32 bits. */
  bits(): number {
    const b = this.#b;
    const mixedC = this.#c ^ this.#a;
    const mixedD = this.#d ^ b;
    this.#a ^= mixedD;
    this.#b = b ^ mixedC;
    this.#c = mixedC ^ (b << 9);
    this.#d = rotate(mixedD, 11);
    return Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
  }

  /** 0 <= x < 1, 53 bits. */
  next(): number {
    return ((this.bits() >>> 5) * 67_108_864 + (this.bits() >>> 6)) / 9_007_199_254_740_992;
  }

  /** Whole number, `from` and `to` included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(values: readonly [T, ...T[]] | readonly T[]): T {
    const value = values[this.int(0, values.length - 1)];
    if (value === undefined && values.length === 0) throw new Error('nothing to pick from');
    return value as T;
  }

  /** By weight: `weighted([['a', 9], ['b', 1]])`. */
  weighted<T>(choices: readonly (readonly [T, number])[]): T {
    let at = this.next() * choices.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [value, weight] of choices) {
      at -= weight;
      if (at < 0) return value;
    }
    return (choices.at(-1) ?? choices[0])?.[0] as T;
  }

  /** Some of them, each at most once, in their order. */
  some<T>(values: readonly T[], share: number): T[] {
    return values.filter(() => this.chance(share));
  }

  shuffle<T>(values: readonly T[]): T[] {
    const mixed = values.map((value) => ({ value, key: this.next() }));
    return mixed.sort((a, b) => a.key - b.key).map(({ value }) => value);
  }

  hex(length: number): string {
    let text = '';
    while (text.length < length) text += this.bits().toString(16).padStart(8, '0');
    return text.slice(0, length);
  }
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
