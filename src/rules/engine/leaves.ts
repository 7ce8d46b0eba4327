/** Rules of single values: text, number, bool, ratio, base units, secret, ignored, and a user's own. */
import { ShadowError } from '../../errors.ts';
import { canonicalDecimal, type Finite, parseFinite, withinRelative } from '../decimal.ts';
import { canonicalJson, numberText } from '../exact-number.ts';
import type { CustomCompare } from '../rule.ts';
import { foundInstead, isFinding } from './custom-finding.ts';
import { describeStrict } from './describe-strict.ts';
import { addLeaf, type Json, NO_MEASURE, type Node, node, numberMeasure } from './node.ts';
import { strictEqual } from './strict.ts';

/** The same JSON value. Objects and arrays are compared strictly. */
export function sameValueNode(label: string): Node {
  return node(label, {
    equal: strictEqual,
    describe: (primary, twin, run, _parent, at, out) => describeStrict(label, primary, twin, at, out, run),
    meaning: (_side, value) => canonicalJson(value),
  });
}

/**
 * Within a relative tolerance; textual for CSV, where every cell is text. Text that is no finite decimal is only ever
 * equal to itself.
 */
export function ratioNode(within: number, textual: boolean): Node {
  const tolerance = parseFinite(String(within)) ?? { digits: 0n, scale: 0 };
  const textOf = (value: Json): string | null => (textual && typeof value === 'string' ? value : numberText(value));
  const read = (value: Json): Finite | null => {
    const text = textOf(value);
    return text === null ? null : parseFinite(text);
  };
  const equal = (primary: Json, twin: Json): boolean => {
    if (primary === twin) return true;
    if (typeof primary === 'number' && typeof twin === 'number') {
      const largest = Math.max(Math.abs(primary), Math.abs(twin));
      if (largest > SMALL && largest < Number.POSITIVE_INFINITY) return Math.abs(primary - twin) <= within * largest;
    }
    const mine = read(primary);
    const its = read(twin);
    if (mine !== null && its !== null) return withinRelative(mine, its, tolerance);
    return strictEqual(primary, twin) || (textual && sameNumberText(primary, twin));
  };
  return node('ratio', {
    equal,
    exact: false,
    describe(primary, twin, _run, _parent, at, out) {
      if (equal(primary, twin)) return;
      const known = read(primary) !== null && read(twin) !== null;
      const measure = known ? numberMeasure(textOf(primary) ?? '', textOf(twin) ?? '') : null;
      addLeaf(at, 'ratio', primary, twin, out, measure);
    },
    meaning: (_side, value) => (read(value) === null ? canonicalJson(value) : '~'),
    tolerances(value, _parent, out) {
      const own = read(value);
      if (own !== null) {
        const near = Number(textOf(value));
        out.push({ value: own, near, kind: 'ratio', accepts: (other) => withinRelative(own, other, tolerance) });
      }
      return true;
    },
  });
}

/** Below it a tolerance of a double loses its digits, so that decimals decide. */
const SMALL = 1e-280;

/** Two numbers that are one IEEE 754 double; beyond the doubles only by value. Textual for CSV. */
export function doubleNode(textual: boolean): Node {
  const read = (value: Json): string | null => (textual && typeof value === 'string' ? value : numberText(value));
  const doubleOf = (value: Json): number | null => {
    const text = read(value);
    const double = text === null || canonicalNumber(text) === null ? Number.NaN : Number(text);
    // A number too small for a double is no zero.
    return Number.isFinite(double) && (double !== 0 || canonicalNumber(text ?? '') === '0') ? double : null;
  };
  const equal = (primary: Json, twin: Json): boolean => {
    if (primary === twin) return true;
    const mine = doubleOf(primary);
    const its = doubleOf(twin);
    if (mine !== null && its !== null) return mine === its;
    return strictEqual(primary, twin) || (textual && sameNumberText(primary, twin));
  };
  return node('number', {
    equal,
    describe(primary, twin, _run, _parent, at, out) {
      if (equal(primary, twin)) return;
      const [mine, its] = [read(primary), read(twin)];
      addLeaf(at, 'number', primary, twin, out, mine === null || its === null ? null : numberMeasure(mine, its));
    },
    meaning(_side, value) {
      const double = doubleOf(value);
      if (double !== null) return String(double === 0 ? 0 : double);
      return (textual && typeof value === 'string' ? canonicalNumber(value) : null) ?? canonicalJson(value);
    },
  });
}

/** A number as the text of a CSV cell: by value. */
export const numberCellNode: Node = (() => {
  const value = (cell: Json): string =>
    (typeof cell === 'string' ? canonicalNumber(cell) : null) ?? canonicalJson(cell);
  return node('number', {
    equal: (primary, twin) => primary === twin || value(primary) === value(twin),
    describe(primary, twin, _run, _parent, at, out) {
      if (primary === twin || value(primary) === value(twin)) return;
      const both = typeof primary === 'string' && typeof twin === 'string';
      addLeaf(at, 'number', primary, twin, out, both ? numberMeasure(primary, twin) : null);
    },
    meaning: (_side, cell) => value(cell),
  });
})();

export const baseUnitsNode: Node = node('baseUnits', {
  equal: strictEqual,
  describe(primary, twin, _run, _parent, at, out) {
    if (strictEqual(primary, twin)) return;
    const whole = typeof primary === 'string' && typeof twin === 'string' && WHOLE.test(primary) && WHOLE.test(twin);
    addLeaf(at, 'baseUnits', primary, twin, out, whole ? numberMeasure(primary, twin) : null);
  },
  meaning: (_side, value) => canonicalJson(value),
});

const WHOLE = /^-?\d{1,100}$/;

/** What stands for a body that is no text: `3 bytes, SHA-256 …`. */
export function bytesText(length: number, sha256: string): string {
  return `${length} bytes, SHA-256 ${sha256}`;
}

export const bytesNode: Node = node('bytes', {
  equal: strictEqual,
  describe(primary, twin, _run, _parent, at, out) {
    if (strictEqual(primary, twin)) return;
    const [from, to] = [bytesIn(primary), bytesIn(twin)];
    const known = from !== null && to !== null;
    addLeaf(at, 'bytes', primary, twin, out, known ? { of: 'length', lengths: [from, to], unit: 'bytes' } : null);
  },
  meaning: (_side, value) => canonicalJson(value),
});

function bytesIn(value: Json): number | null {
  const length = typeof value === 'string' ? /^(\d+) bytes, SHA-256 /.exec(value)?.[1] : undefined;
  return length === undefined ? null : Number(length);
}

/** Neither side may have it, present and not null. The value itself is never reported, not even in the difference. */
const masked = (value: Json): Json => (value === undefined || value === null ? undefined : '(secret)');

export const secretNode: Node = node('secret', {
  plain: false,
  equal: (primary, twin) => masked(primary) === undefined && masked(twin) === undefined,
  describe(primary, twin, _run, _parent, at, out) {
    const mine = masked(primary);
    const its = masked(twin);
    if (mine === undefined && its === undefined) return;
    out.add(
      at,
      mine === undefined ? 'extra' : its === undefined ? 'missing' : 'value',
      'secret',
      mine,
      its,
      NO_MEASURE,
    );
  },
  meaning: (side, value) => (masked(value) === undefined ? '' : `!${side}`),
});

export const ignoredNode: Node = node('ignored', { equal: () => true, describe: () => {}, meaning: () => '' });

/** A rule of the user's own. What it throws becomes a SHADOW_RULE that names it, and never its message: it may quote values. */
export function customNode(name: string, compare: CustomCompare): Node {
  const judge = (primary: Json, twin: Json): ReturnType<CustomCompare> => {
    let found: unknown;
    try {
      found = compare(primary, twin);
    } catch (thrown) {
      const kind = thrown instanceof Error ? thrown.constructor.name : typeof thrown;
      throw new ShadowError('SHADOW_RULE', `the custom rule "${name}" threw ${kind}`, {
        expected: 'null, or { kind, measure }, and no throw',
        cause: thrown,
      });
    }
    if (found === null || isFinding(found)) return found;
    // Nobody else waits for it: its rejection would end the worker.
    if (found instanceof Promise) found.catch(() => {});
    throw new ShadowError('SHADOW_RULE', `the custom rule "${name}" did not return a finding`, {
      expected: 'null, or { kind, measure }',
      actual: foundInstead(found),
      example: "{ kind: 'value', measure: { of: 'none' } }",
    });
  };
  return node(`custom:${name}`, {
    plain: false,
    seesAbsent: true,
    exact: false,
    equal: (primary, twin) => judge(primary, twin) === null,
    describe(primary, twin, _run, _parent, at, out) {
      const found = judge(primary, twin);
      if (found !== null) out.add(at, found.kind, `custom:${name}`, primary, twin, found.measure);
    },
    meaning: () => '~',
  });
}

/** Of finite numbers only: the words for others are text. */
function canonicalNumber(text: string): string | null {
  return /^[-+]?[\d.]/.test(text) ? canonicalDecimal(text) : null;
}

function sameNumberText(primary: Json, twin: Json): boolean {
  const mine = typeof primary === 'string' ? canonicalNumber(primary) : null;
  return mine !== null && typeof twin === 'string' && mine === canonicalNumber(twin);
}
