/** Instants: the same millisecond, as ISO 8601 texts or in a form that the rule names for a side. */
import type { Measure, Side } from '../../types.ts';
import { epochMs } from '../epoch.ts';
import { canonicalJson, numberText } from '../exact-number.ts';
import { parseInstant } from '../instant.ts';
import type { EpochUnit, InstantForms } from '../rule.ts';
import { parseZoned } from '../zoned.ts';
import { addLeaf, type Json, type Node, node } from './node.ts';
import { strictEqual } from './strict.ts';

export const instantNode: Node = node('instant', {
  equal: sameInstant,
  describe(primary, twin, _run, _parent, at, out) {
    if (sameInstant(primary, twin)) return;
    const from = instantOf(primary);
    const to = instantOf(twin);
    const shift: Measure | null = from === null || to === null ? null : { of: 'instant', shiftMs: to - from };
    addLeaf(at, 'instant', primary, twin, out, shift);
  },
  meaning(_side, value) {
    const ms = instantOf(value);
    return ms === null ? canonicalJson(value) : `@${ms}`;
  },
});

function sameInstant(primary: Json, twin: Json): boolean {
  if (primary === twin) return true;
  if (typeof primary !== 'string' || typeof twin !== 'string') return strictEqual(primary, twin);
  // Both in the form of `toISOString`: other texts are other milliseconds.
  const ms = parseInstant(primary);
  return ms !== null && ms === parseInstant(twin);
}

function instantOf(value: Json): number | null {
  return typeof value === 'string' ? parseInstant(value) : null;
}

/** A number, or a text of digits, counts in the unit of its side; a text that names no offset is in the rule's zone. */
export function writtenInstantNode(forms: InstantForms): Node {
  const { zone } = forms;
  const read = (value: Json, unit: EpochUnit | undefined): number | null => {
    const digits = typeof value === 'string' ? value : numberText(value);
    const counted = digits === null || unit === undefined ? null : epochMs(digits, unit);
    if (counted !== null || typeof value !== 'string') return counted;
    return parseInstant(value) ?? (zone === undefined ? null : parseZoned(value, zone));
  };
  const equal = (primary: Json, twin: Json): boolean => {
    const [mine, its] = [read(primary, forms.primary), read(twin, forms.twin)];
    return mine === null || its === null ? strictEqual(primary, twin) : mine === its;
  };
  return node('instant', {
    // One number is two instants where the sides count in units of their own.
    plain: forms.primary === forms.twin,
    equal,
    describe(primary, twin, _run, _parent, at, out) {
      if (equal(primary, twin)) return;
      const [from, to] = [read(primary, forms.primary), read(twin, forms.twin)];
      const shift: Measure | null = from === null || to === null ? null : { of: 'instant', shiftMs: to - from };
      addLeaf(at, 'instant', primary, twin, out, shift);
    },
    meaning(side: Side, value) {
      const ms = read(value, forms[side]);
      return ms === null ? canonicalJson(value) : `@${ms}`;
    },
  });
}
